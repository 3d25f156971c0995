# What ./nine and ./dev install, and how. Sourced by both; Debian 12 packages only.

# Enough to build and run the program.
packages_program=(g++ cmake ninja-build pkg-config libboost1.81-dev libsqlite3-dev libssl-dev
  libyaml-cpp-dev libfmt-dev libcli11-dev libzstd-dev ca-certificates git)
# What its tests need besides; ccache and mold make building faster.
packages_test=(libgtest-dev libgmock-dev python3 procps sqlite3 strace ccache mold)
# The second compiler with its sanitizers and fuzzer, and the formatter.
packages_check=(clang-19 libclang-rt-19-dev llvm-19 clang-format-19)

say() { printf '%s\n' "$*" >&2; }

missing_packages() {
  local installed package
  installed=" $(dpkg-query -W -f='${db:Status-Status}=${Package} ' 2>/dev/null) "
  for package in "$@"; do
    [[ "$installed" == *" installed=$package "* ]] || printf '%s ' "$package"
  done
}

# install_packages [-y] PACKAGE...: says what it installs; asks unless -y or nobody is there to answer.
install_packages() {
  local yes=no missing answer sudo=()
  if [[ "${1:-}" == -y ]]; then yes=yes; shift; fi
  read -ra missing <<<"$(missing_packages "$@")"
  [[ ${#missing[@]} -eq 0 ]] && return 0
  say "Debian packages to install: ${missing[*]}"
  if [[ $(id -u) -ne 0 ]]; then
    if ! command -v sudo >/dev/null; then
      say "not root, and no sudo: ask an administrator to run: apt-get install ${missing[*]}"
      return 1
    fi
    sudo=(sudo)
  fi
  if [[ $yes == no && -t 0 ]]; then
    read -rp "Install them now? [Y/n] " answer
    if [[ -n "$answer" && "$answer" != [yY]* ]]; then
      say "nothing installed; it cannot be built without them"
      return 1
    fi
  fi
  local apt=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
  if ! "${apt[@]}" update >/dev/null ||
     ! "${apt[@]}" install -y --no-install-recommends "${missing[@]}" </dev/null >/dev/null; then
    say "installing failed; apt-get's reason is above"
    return 1
  fi
}

# How many compilers at a time: one per processor, and about 1.5 GB of memory for each.
build_jobs() {
  local processors memory_kib by_memory
  if [[ -n "${NINE_JOBS:-}" ]]; then printf '%s' "$NINE_JOBS"; return; fi
  processors=$(nproc)
  memory_kib=$(awk '/^MemAvailable:/ {print $2}' /proc/meminfo 2>/dev/null || true)
  by_memory=$((${memory_kib:-4000000} / 1500000))
  printf '%s' $((by_memory < 1 ? 1 : by_memory < processors ? by_memory : processors))
}
