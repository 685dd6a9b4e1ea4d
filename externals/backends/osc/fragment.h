#pragma once
// A body (the audio of one hop and what belongs to it) travels as fragments, one in a datagram:
//   /sideman/hop ,hhiiib   hop, sample position, number, bytes of the body, its CRC-32, payload
// and its receiver answers with what it has:
//   /sideman/got ,hib      hop, bytes of the body, one bit per fragment (lowest bit first)
// Every fragment but the last carries `fragment_bytes`. Allocates nothing; any thread.

#include <cstdint>
#include <optional>

#include "backends/osc/osc.h"

namespace sideman::osc {

inline constexpr size_t datagram_bytes = 1400;  // the largest UDP payload that is sent
// With everything around it a fragment has 1228 bytes, 1276 with IPv6 and UDP: every way that carries
// IPv6 lets 1280 pass, those through tunnels too, and who lets no more pass often does not say so.
inline constexpr size_t fragment_bytes = 1112;
inline constexpr size_t most_body_bytes = 4u << 20;
inline constexpr int64_t most_hops = int64_t{1} << 53;

struct Fragment {
  int64_t hop = 0;
  int64_t position = 0;  // of the first sample, in the session's time
  int32_t number = 0;
  int32_t bytes = 0;
  uint32_t checksum = 0;
  Bytes payload;
};

struct Got {
  int64_t hop = 0;
  int32_t bytes = 0;
  Bytes bits;

  bool has(int32_t number) const;
};

constexpr int32_t fragment_count(int64_t bytes) {
  constexpr int64_t each = fragment_bytes;
  return static_cast<int32_t>((bytes + each - 1) / each);
}

// CRC-32 as in zip and Ethernet (polynomial 0xEDB88320).
uint32_t checksum(Bytes bytes);

Bytes write_fragment(Place place, const Fragment& fragment);
Bytes write_got(Place place, const Got& got);

// Empty for whatever is not exactly such a message with numbers that agree.
std::optional<Fragment> read_fragment(Reader message);
std::optional<Got> read_got(Reader message);

}  // namespace sideman::osc
