//===- Result.h - A value or a message ------------------------------------===//
//
// The error carrier of the rooms that know no LLVM (Format, Checkpoint,
// Runtime): a value, or one line of text that says what was expected and what
// was found. Never thrown, never printed here.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_FORMAT_RESULT_H
#define SPARSE_OPT_FORMAT_RESULT_H

#include <cassert>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace mlir::sparsity::format {

/// One line, lower case, no final period.
struct Error {
  std::string message;
};

/// The parts of a message in a row: strings, integers, and doubles as %g.
template <typename... Parts>
Error makeError(const Parts &...parts) {
  std::string message;
  auto append = [&message](const auto &part) {
    using Part = std::decay_t<decltype(part)>;
    if constexpr (std::is_integral_v<Part>) {
      message += std::to_string(part);
    } else if constexpr (std::is_floating_point_v<Part>) {
      char digits[32];
      std::snprintf(digits, sizeof(digits), "%g", static_cast<double>(part));
      message += digits;
    } else {
      message += std::string_view(part);
    }
  };
  (append(parts), ...);
  return Error{std::move(message)};
}

template <typename T>
class [[nodiscard]] Result {
public:
  Result(T value) : state(std::move(value)) {}
  Result(Error error) : state(std::move(error)) {}

  explicit operator bool() const { return state.index() == 0; }
  T &operator*() { return *std::get_if<T>(&state); }
  const T &operator*() const { return *std::get_if<T>(&state); }
  T *operator->() { return std::get_if<T>(&state); }
  const T *operator->() const { return std::get_if<T>(&state); }

  /// Only when there is no value.
  const std::string &message() const {
    assert(state.index() == 1 && "a result with a value has no message");
    return std::get_if<Error>(&state)->message;
  }
  Error error() const { return Error{message()}; }

private:
  std::variant<T, Error> state;
};

/// Success, or a message.
class [[nodiscard]] Status {
public:
  Status() = default;
  Status(Error error) : failure(std::move(error)) {}

  explicit operator bool() const { return !failure; }
  const std::string &message() const {
    assert(failure && "success has no message");
    return failure->message;
  }
  Error error() const { return *failure; }

private:
  std::optional<Error> failure;
};

} // namespace mlir::sparsity::format

#endif // SPARSE_OPT_FORMAT_RESULT_H
