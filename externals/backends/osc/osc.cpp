#include "backends/osc/osc.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace sideman::osc {
namespace {

constexpr size_t padded_size(size_t size) { return (size + 3) / 4 * 4; }

bool all_zero(Bytes bytes) {
  return std::ranges::all_of(bytes, [](uint8_t byte) { return byte == 0; });
}

// A string of the message, with its terminator and padding cut off `rest`.
std::optional<std::string_view> cut_string(Bytes& rest) {
  const auto end = std::ranges::find(rest, uint8_t{0});
  if (end == rest.end()) return std::nullopt;
  const auto size = static_cast<size_t>(end - rest.begin());
  const size_t whole = padded_size(size + 1);
  if (whole > rest.size()) return std::nullopt;
  if (!all_zero(rest.subspan(size, whole - size))) return std::nullopt;
  const std::string_view text(reinterpret_cast<const char*>(rest.data()), size);
  rest = rest.subspan(whole);
  return text;
}

}  // namespace

// ---- writing ----------------------------------------------------------------------------------

Writer::Writer(Place place, std::string_view address, std::string_view tags)
    : place_(place), tags_(tags) {
  padded(address);
  const Place room = take(padded_size(tags.size() + 2));
  if (room.empty()) return;
  std::ranges::fill(room, uint8_t{0});
  room[0] = ',';
  std::memcpy(room.data() + 1, tags.data(), tags.size());
}

Writer& Writer::int32(int32_t value) {
  if (take_tag('i')) big_endian(static_cast<uint32_t>(value), 4);
  return *this;
}

Writer& Writer::int64(int64_t value) {
  if (take_tag('h')) big_endian(static_cast<uint64_t>(value), 8);
  return *this;
}

Writer& Writer::float64(double value) {
  if (take_tag('d')) big_endian(std::bit_cast<uint64_t>(value), 8);
  return *this;
}

Writer& Writer::string(std::string_view value) {
  if (take_tag('s')) padded(value);
  return *this;
}

Writer& Writer::blob(Bytes value) {
  const Place room = blob_place(value.size());
  if (!value.empty() && !room.empty()) std::memcpy(room.data(), value.data(), value.size());
  return *this;
}

Place Writer::blob_place(size_t size) {
  if (size > INT32_MAX || !take_tag('b')) {
    failed_ = true;
    return {};
  }
  big_endian(size, 4);
  const Place room = take(padded_size(size));
  if (failed_) return {};
  std::ranges::fill(room.subspan(size), uint8_t{0});
  return room.first(size);
}

Bytes Writer::done() const {
  if (failed_ || tag_ != tags_.size()) return {};
  return place_.first(size_);
}

bool Writer::take_tag(char tag) {
  if (failed_ || tag_ >= tags_.size() || tags_[tag_] != tag) failed_ = true;
  ++tag_;
  return !failed_;
}

Place Writer::take(size_t size) {
  if (failed_ || size > place_.size() - size_) {
    failed_ = true;
    return {};
  }
  size_ += size;
  return place_.subspan(size_ - size, size);
}

void Writer::big_endian(uint64_t value, size_t size) {
  const Place room = take(size);
  for (size_t i = 0; i < room.size(); ++i) {
    room[i] = static_cast<uint8_t>(value >> (8 * (size - 1 - i)));
  }
}

void Writer::padded(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) failed_ = true;
  const Place room = take(padded_size(text.size() + 1));
  if (room.empty()) return;
  std::ranges::fill(room, uint8_t{0});
  if (!text.empty()) std::memcpy(room.data(), text.data(), text.size());
}

// ---- reading ----------------------------------------------------------------------------------

std::optional<Reader> Reader::of(Bytes message) {
  if (message.size() % 4 != 0) return std::nullopt;
  Reader reader(message);
  const auto address = cut_string(reader.rest_);
  if (!address || !address->starts_with('/')) return std::nullopt;
  const auto tags = cut_string(reader.rest_);
  if (!tags || !tags->starts_with(',')) return std::nullopt;
  reader.address_ = *address;
  reader.tags_ = tags->substr(1);
  return reader;
}

int32_t Reader::int32() { return take_tag('i') ? static_cast<int32_t>(big_endian(4)) : 0; }

int64_t Reader::int64() { return take_tag('h') ? static_cast<int64_t>(big_endian(8)) : 0; }

double Reader::float64() { return take_tag('d') ? std::bit_cast<double>(big_endian(8)) : 0.0; }

std::string_view Reader::string() {
  if (!take_tag('s')) return {};
  const auto text = cut_string(rest_);
  if (!text) ok_ = false;
  return text.value_or(std::string_view{});
}

Bytes Reader::blob() {
  if (!take_tag('b')) return {};
  const uint64_t size = big_endian(4);
  if (!ok_ || size > INT32_MAX || padded_size(size) > rest_.size()) {
    ok_ = false;
    return {};
  }
  const Bytes found = rest_.first(size);
  const Bytes padding = rest_.subspan(size, padded_size(size) - size);
  if (!all_zero(padding)) ok_ = false;
  rest_ = rest_.subspan(padded_size(size));
  return ok_ ? found : Bytes{};
}

bool Reader::take_tag(char tag) {
  if (!ok_ || tag_ >= tags_.size() || tags_[tag_] != tag) ok_ = false;
  ++tag_;
  return ok_;
}

uint64_t Reader::big_endian(size_t size) {
  if (size > rest_.size()) {
    ok_ = false;
    return 0;
  }
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i) value = value << 8 | rest_[i];
  rest_ = rest_.subspan(size);
  return value;
}

}  // namespace sideman::osc
