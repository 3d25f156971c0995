#include "ninelives/journal/admission.hpp"

#include <fmt/format.h>

namespace nine::journal {

result<void> admit(const record& entry, const task_head& head, bool unique_key_seen) {
  if (entry.writer && entry.writer != head.current) {
    return fail(error_code::fenced,
                fmt::format("{} of incarnation {} of {}: its current incarnation is {}", entry.kind,
                            entry.writer.value(), to_string(entry.task), head.current.value()));
  }
  if (entry.raise_to && *entry.raise_to <= head.current) {
    return fail(error_code::precondition_failed,
                fmt::format("incarnation {} of {} cannot follow {}", entry.raise_to->value(),
                            to_string(entry.task), head.current.value()));
  }
  if (unique_key_seen) {
    return fail(error_code::already_exists,
                fmt::format("'{}' is in the journal already", entry.unique_key));
  }
  return {};
}

task_head advance(task_head head, const record& entry, sequence number) {
  head.last = number;
  if (entry.raise_to) head.current = *entry.raise_to;
  if (entry.kind == kind_task_ended) {
    head.ended = true;
    head.ended_at = entry.at;
  }
  return head;
}

}  // namespace nine::journal
