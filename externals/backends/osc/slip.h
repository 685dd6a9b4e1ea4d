#pragma once
// SLIP frames, the way of OSC 1.1 through a byte stream: an END at both ends of a datagram
// (RFC 1055). One thread at a time.

#include <functional>
#include <vector>

#include "backends/osc/osc.h"

namespace sideman::osc {

// Adds a datagram as a frame to `stream`.
void write_frame(std::vector<uint8_t>& stream, Bytes datagram);

// Cuts a stream into datagrams.
class Unframer {
 public:
  // most: bytes of the longest datagram.
  explicit Unframer(size_t most) : most_(most) {}

  // Tells `heard` of each datagram that these bytes complete, valid during the call. False, for good,
  // once there came what is no frame, or too long a one.
  bool take(Bytes bytes, const std::function<void(Bytes)>& heard);

 private:
  bool add(uint8_t byte);

  size_t most_;
  std::vector<uint8_t> part_;
  bool escaped_ = false;
  bool failed_ = false;
};

}  // namespace sideman::osc
