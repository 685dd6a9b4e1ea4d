#include "backends/osc/slip.h"

namespace sideman::osc {
namespace {

constexpr uint8_t end = 0xC0;
constexpr uint8_t escape = 0xDB;
constexpr uint8_t escaped_end = 0xDC;
constexpr uint8_t escaped_escape = 0xDD;

}  // namespace

void write_frame(std::vector<uint8_t>& stream, Bytes datagram) {
  stream.push_back(end);
  for (const uint8_t byte : datagram) {
    if (byte == end || byte == escape) {
      stream.push_back(escape);
      stream.push_back(byte == end ? escaped_end : escaped_escape);
    } else {
      stream.push_back(byte);
    }
  }
  stream.push_back(end);
}

bool Unframer::take(Bytes bytes, const std::function<void(Bytes)>& heard) {
  for (const uint8_t byte : bytes) {
    if (failed_) return false;
    if (byte != end) {
      failed_ = !add(byte);
      continue;
    }
    failed_ = escaped_;
    if (!failed_ && !part_.empty()) heard(part_);
    part_.clear();
  }
  return !failed_;
}

bool Unframer::add(uint8_t byte) {
  if (escaped_) {
    escaped_ = false;
    if (byte != escaped_end && byte != escaped_escape) return false;
    byte = byte == escaped_end ? end : escape;
  } else if (byte == escape) {
    escaped_ = true;
    return true;
  }
  if (part_.size() == most_) return false;
  part_.push_back(byte);
  return true;
}

}  // namespace sideman::osc
