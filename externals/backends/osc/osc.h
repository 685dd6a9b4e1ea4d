#pragma once
// OSC 1.0 messages in memory that somebody else owns: written into a span, read from a span, every
// access checked against its end. Allocates nothing, throws nothing; any thread.
// Source: Wright 2002, The Open Sound Control 1.0 Specification.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sideman::osc {

using Bytes = std::span<const uint8_t>;
using Place = std::span<uint8_t>;

// Writes one message: an address and type tags first, then the arguments in their order. What does
// not fit, or is not what the tags say, makes the whole message fail: `done` is then empty.
class Writer {
 public:
  // tags: without the comma.
  Writer(Place place, std::string_view address, std::string_view tags);

  Writer& int32(int32_t value);
  Writer& int64(int64_t value);
  Writer& float64(double value);
  Writer& string(std::string_view value);
  Writer& blob(Bytes value);
  // Room for a blob of so many bytes, for the caller to fill; empty when it does not fit.
  Place blob_place(size_t size);

  // The finished message.
  Bytes done() const;

 private:
  bool take_tag(char tag);
  Place take(size_t size);
  void big_endian(uint64_t value, size_t size);
  void padded(std::string_view text);

  Place place_;
  std::string_view tags_;
  size_t size_ = 0;
  size_t tag_ = 0;
  bool failed_ = false;
};

// Reads one message. Arguments must be asked for in their order and by their type; asking for
// another one, or past the end, makes `ok` false, and everything after it is zero or empty.
class Reader {
 public:
  // Empty when the bytes are no message: address, tags or padding are damaged.
  static std::optional<Reader> of(Bytes message);

  std::string_view address() const { return address_; }
  std::string_view tags() const { return tags_; }

  int32_t int32();
  int64_t int64();
  double float64();
  std::string_view string();
  Bytes blob();
  // True when all was well and no byte is left over.
  bool complete() const { return ok_ && tag_ == tags_.size() && rest_.empty(); }

 private:
  explicit Reader(Bytes rest) : rest_(rest) {}
  bool take_tag(char tag);
  uint64_t big_endian(size_t size);

  Bytes rest_;
  std::string_view address_;
  std::string_view tags_;
  size_t tag_ = 0;
  bool ok_ = true;
};

}  // namespace sideman::osc
