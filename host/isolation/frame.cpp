#include "host/isolation/frame.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

namespace tutti::host {

// Both ends are on one machine; numbers are copied as they lie in memory.
static_assert(std::endian::native == std::endian::little, "frames are little endian");

FrameWriter::FrameWriter(FrameType type, std::uint64_t id, std::uint16_t op) {
  bytes_.reserve(512);
  const std::uint32_t length = 0;
  const auto number = static_cast<std::uint16_t>(type);
  Append(&length, sizeof length);
  Append(&number, sizeof number);
  Append(&op, sizeof op);
  Append(&id, sizeof id);
}

void FrameWriter::Append(const void* bytes, std::size_t size) {
  bytes_.append(static_cast<const char*>(bytes), size);
}

FrameWriter& FrameWriter::U8(std::uint8_t value) {
  Append(&value, sizeof value);
  return *this;
}

FrameWriter& FrameWriter::U32(std::uint32_t value) {
  Append(&value, sizeof value);
  return *this;
}

FrameWriter& FrameWriter::U64(std::uint64_t value) {
  Append(&value, sizeof value);
  return *this;
}

FrameWriter& FrameWriter::I64(std::int64_t value) {
  Append(&value, sizeof value);
  return *this;
}

FrameWriter& FrameWriter::F64(double value) {
  Append(&value, sizeof value);
  return *this;
}

FrameWriter& FrameWriter::Text(std::string_view value) {
  // A longer text makes a frame beyond every limit, which is refused whole.
  U32(static_cast<std::uint32_t>(std::min<std::size_t>(value.size(), std::numeric_limits<std::uint32_t>::max())));
  Append(value.data(), value.size());
  return *this;
}

std::string_view FrameWriter::Finish() {
  const auto length = static_cast<std::uint32_t>(
      std::min<std::size_t>(bytes_.size() - sizeof(std::uint32_t), std::numeric_limits<std::uint32_t>::max()));
  std::memcpy(bytes_.data(), &length, sizeof length);
  return bytes_;
}

template <typename T>
T FieldReader::Number() {
  T value{};
  if (rest_.size() < sizeof value) {
    ok_ = false;
    rest_ = {};
    return value;
  }
  std::memcpy(&value, rest_.data(), sizeof value);
  rest_.remove_prefix(sizeof value);
  return value;
}

std::uint8_t FieldReader::U8() {
  return Number<std::uint8_t>();
}

std::uint32_t FieldReader::U32() {
  return Number<std::uint32_t>();
}

std::uint64_t FieldReader::U64() {
  return Number<std::uint64_t>();
}

std::int64_t FieldReader::I64() {
  return Number<std::int64_t>();
}

double FieldReader::F64() {
  return Number<double>();
}

std::string_view FieldReader::Text() {
  const std::size_t size = U32();
  if (size > rest_.size()) {
    ok_ = false;
    rest_ = {};
    return {};
  }
  const std::string_view text = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return text;
}

}  // namespace tutti::host
