#include "backends/osc/fragment.h"

#include <array>

namespace sideman::osc {
namespace {

constexpr std::array<uint32_t, 256> checksum_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1u) * 0xEDB88320u);
    table[i] = value;
  }
  return table;
}

constexpr auto table = checksum_table();

bool possible(int32_t bytes) { return bytes > 0 && bytes <= static_cast<int32_t>(most_body_bytes); }

size_t payload_bytes(int32_t number, int32_t bytes) {
  const size_t begin = static_cast<size_t>(number) * fragment_bytes;
  const size_t left = static_cast<size_t>(bytes) - begin;
  return left < fragment_bytes ? left : fragment_bytes;
}

}  // namespace

uint32_t checksum(Bytes bytes) {
  uint32_t value = 0xFFFFFFFFu;
  for (const uint8_t byte : bytes) value = table[(value ^ byte) & 0xFFu] ^ (value >> 8);
  return ~value;
}

bool Got::has(int32_t number) const {
  const auto byte = static_cast<size_t>(number) / 8;
  return byte < bits.size() && (bits[byte] >> (number % 8) & 1) != 0;
}

Bytes write_fragment(Place place, const Fragment& fragment) {
  return Writer(place, "/sideman/hop", "hhiiib")
      .int64(fragment.hop)
      .int64(fragment.position)
      .int32(fragment.number)
      .int32(fragment.bytes)
      .int32(static_cast<int32_t>(fragment.checksum))
      .blob(fragment.payload)
      .done();
}

Bytes write_got(Place place, const Got& got) {
  return Writer(place, "/sideman/got", "hib")
      .int64(got.hop)
      .int32(got.bytes)
      .blob(got.bits)
      .done();
}

std::optional<Fragment> read_fragment(Reader message) {
  if (message.address() != "/sideman/hop" || message.tags() != "hhiiib") return std::nullopt;
  Fragment found;
  found.hop = message.int64();
  found.position = message.int64();
  found.number = message.int32();
  found.bytes = message.int32();
  found.checksum = static_cast<uint32_t>(message.int32());
  found.payload = message.blob();
  if (!message.complete() || found.hop < 0 || found.hop > most_hops || !possible(found.bytes) || found.number < 0 ||
      found.number >= fragment_count(found.bytes) ||
      found.payload.size() != payload_bytes(found.number, found.bytes)) {
    return std::nullopt;
  }
  return found;
}

std::optional<Got> read_got(Reader message) {
  if (message.address() != "/sideman/got" || message.tags() != "hib") return std::nullopt;
  Got found;
  found.hop = message.int64();
  found.bytes = message.int32();
  found.bits = message.blob();
  if (!message.complete() || found.hop < 0 || found.hop > most_hops || !possible(found.bytes) ||
      found.bits.size() != static_cast<size_t>(fragment_count(found.bytes) + 7) / 8) {
    return std::nullopt;
  }
  return found;
}

}  // namespace sideman::osc
