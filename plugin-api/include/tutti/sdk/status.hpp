// Status and Result: how everything in Tutti fails.
//
// A Status is OK or a canonical code with a sentence that says what was expected, what was found, where, and what to
// do. OK costs one null pointer. Values are immutable; distinct objects may be used from distinct threads.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "tutti/abi/status.h"

namespace tutti {

// The numbers of tutti/abi/core.h.
enum class Code : tutti_code {
  kOk = TUTTI_OK,
  kCancelled = TUTTI_CANCELLED,
  kUnknown = TUTTI_UNKNOWN,
  kInvalidArgument = TUTTI_INVALID_ARGUMENT,
  kDeadlineExceeded = TUTTI_DEADLINE_EXCEEDED,
  kNotFound = TUTTI_NOT_FOUND,
  kAlreadyExists = TUTTI_ALREADY_EXISTS,
  kPermissionDenied = TUTTI_PERMISSION_DENIED,
  kResourceExhausted = TUTTI_RESOURCE_EXHAUSTED,
  kFailedPrecondition = TUTTI_FAILED_PRECONDITION,
  kAborted = TUTTI_ABORTED,
  kOutOfRange = TUTTI_OUT_OF_RANGE,
  kUnimplemented = TUTTI_UNIMPLEMENTED,
  kInternal = TUTTI_INTERNAL,
  kUnavailable = TUTTI_UNAVAILABLE,
  kDataLoss = TUTTI_DATA_LOSS,
  kUnauthenticated = TUTTI_UNAUTHENTICATED,
};

class [[nodiscard]] Status {
 public:
  Status() = default;

  Status(Code code, std::string message) {
    if (code != Code::kOk) {
      rep_ = std::make_shared<const Rep>(Rep{code, std::move(message), {}, {}});
    }
  }

  static Status Cancelled(std::string m) { return {Code::kCancelled, std::move(m)}; }

  static Status InvalidArgument(std::string m) { return {Code::kInvalidArgument, std::move(m)}; }

  static Status DeadlineExceeded(std::string m) { return {Code::kDeadlineExceeded, std::move(m)}; }

  static Status NotFound(std::string m) { return {Code::kNotFound, std::move(m)}; }

  static Status AlreadyExists(std::string m) { return {Code::kAlreadyExists, std::move(m)}; }

  static Status PermissionDenied(std::string m) { return {Code::kPermissionDenied, std::move(m)}; }

  static Status ResourceExhausted(std::string m) { return {Code::kResourceExhausted, std::move(m)}; }

  static Status FailedPrecondition(std::string m) { return {Code::kFailedPrecondition, std::move(m)}; }

  static Status Unimplemented(std::string m) { return {Code::kUnimplemented, std::move(m)}; }

  static Status Internal(std::string m) { return {Code::kInternal, std::move(m)}; }

  static Status Unavailable(std::string m) { return {Code::kUnavailable, std::move(m)}; }

  // The same with JSON details, which go to the caller as the outcome's body.
  [[nodiscard]] Status WithDetails(std::string json) const {
    Status copy = *this;
    if (rep_) {
      copy.rep_ = std::make_shared<const Rep>(Rep{rep_->code, rep_->message, std::move(json), rep_->retry_after});
    }
    return copy;
  }

  [[nodiscard]] Status WithRetryAfter(std::chrono::milliseconds delay) const {
    Status copy = *this;
    if (rep_) {
      copy.rep_ = std::make_shared<const Rep>(Rep{rep_->code, rep_->message, rep_->details, delay});
    }
    return copy;
  }

  [[nodiscard]] bool ok() const { return rep_ == nullptr; }

  [[nodiscard]] Code code() const { return rep_ ? rep_->code : Code::kOk; }

  [[nodiscard]] std::string_view message() const { return rep_ ? std::string_view(rep_->message) : ""; }

  [[nodiscard]] std::string_view details() const { return rep_ ? std::string_view(rep_->details) : ""; }

  // 0: no hint.
  [[nodiscard]] std::chrono::milliseconds retry_after() const {
    return rep_ ? rep_->retry_after : std::chrono::milliseconds(0);
  }

  // "NOT_FOUND: sentence", for logs and test messages.
  [[nodiscard]] std::string ToString() const {
    std::string text = tutti_status_find(static_cast<tutti_code>(code()))->name;
    if (rep_) {
      text.append(": ").append(rep_->message);
    }
    return text;
  }

 private:
  struct Rep {
    Code code;
    std::string message;
    std::string details;
    std::chrono::milliseconds retry_after;
  };

  std::shared_ptr<const Rep> rep_;
};

// A value or the Status that explains its absence. Reading the wrong one is a programmer error.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)

  Result(Status status) : value_(std::in_place_index<1>, std::move(status)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return value_.index() == 0; }

  explicit operator bool() const { return ok(); }

  [[nodiscard]] Status status() const { return ok() ? Status() : std::get<1>(value_); }

  [[nodiscard]] const T& value() const& { return std::get<0>(value_); }

  [[nodiscard]] T& value() & { return std::get<0>(value_); }

  [[nodiscard]] T&& value() && { return std::get<0>(std::move(value_)); }

  const T& operator*() const& { return value(); }

  T& operator*() & { return value(); }

  T&& operator*() && { return std::move(*this).value(); }

  const T* operator->() const { return &value(); }

  T* operator->() { return &value(); }

 private:
  std::variant<T, Status> value_;
};

}  // namespace tutti
