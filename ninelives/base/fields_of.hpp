#pragma once

#include <concepts>
#include <type_traits>

namespace nine {

/// A `Message`, const or not: lets one description of a struct's fields serve writing and reading,
///
///   template <class Coder>
///   void fields(Coder& code, fields_of<started> auto& message);
template <class Given, class Message>
concept fields_of = std::same_as<std::remove_const_t<Given>, Message>;

}  // namespace nine
