#!/usr/bin/env bash
# A failing seed prints the one command that plays it again; here that command is taken as printed.
#   replay_test.bash NINE_SIMULATE
set -uo pipefail
simulate="$1"

printed="$("$simulate" --scenario broken --seeds 20)"
[[ $? -eq 1 ]] || { echo "a failing seed does not fail the run:"; echo "$printed"; exit 1; }
failure="$(grep -m1 '^FAILED broken' <<<"$printed")"
command="$(grep -m1 '^  replay: ' <<<"$printed")"
command="${command#  replay: }"
[[ "$command" == "./dev sim "* ]] || { echo "no command to replay it: $printed"; exit 1; }

# `./dev sim` gives its arguments on, as it does here.
read -ra arguments <<<"${command#./dev sim }"
again="$("$simulate" "${arguments[@]}")"
[[ $? -eq 1 ]] || { echo "'$command' does not fail"; exit 1; }
grep -qxF "$failure" <<<"$again" || { echo "'$command' shows something else: $again"; exit 1; }
grep -qxF "0 passed, 1 failed" <<<"$again" || { echo "'$command' plays more than one"; exit 1; }
