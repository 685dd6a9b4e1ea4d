#include <doctest/doctest.h>

#include <array>
#include <string_view>
#include <vector>

#include "backends/osc/fragment.h"

using namespace sideman::osc;

namespace {

std::array<uint8_t, datagram_bytes> place;

std::optional<Fragment> through(const Fragment& fragment) {
  const Bytes written = write_fragment(place, fragment);
  const auto message = Reader::of(written);
  return message ? read_fragment(*message) : std::nullopt;
}

}  // namespace

TEST_CASE("the checksum is that of zip") {
  const std::string_view check = "123456789";
  CHECK(checksum(Bytes(reinterpret_cast<const uint8_t*>(check.data()), check.size())) ==
        0xCBF43926u);
  CHECK(checksum({}) == 0);
}

TEST_CASE("a full fragment in its message leaves room for the envelope") {
  const std::vector<uint8_t> payload(fragment_bytes, 7);
  const Fragment sent{.hop = 5,
                      .position = int64_t{1} << 40,
                      .number = 1,
                      .bytes = 3 * fragment_bytes,
                      .checksum = 0xfedcba98u,
                      .payload = payload};
  CHECK(write_fragment(place, sent).size() <= datagram_bytes - 64);
  const auto found = through(sent);
  REQUIRE(found);
  CHECK(found->hop == 5);
  CHECK(found->position == int64_t{1} << 40);
  CHECK(found->number == 1);
  CHECK(found->bytes == 3 * fragment_bytes);
  CHECK(found->checksum == 0xfedcba98u);
  CHECK(found->payload.size() == fragment_bytes);
}

TEST_CASE("numbers that disagree are no fragment") {
  const std::vector<uint8_t> full(fragment_bytes), part(10);
  const int32_t bytes = fragment_bytes + 10;
  CHECK(through({.number = 1, .bytes = bytes, .payload = part}));
  CHECK(through({.number = 0, .bytes = bytes, .payload = full}));
  CHECK_FALSE(through({.number = 0, .bytes = bytes, .payload = part}));
  CHECK_FALSE(through({.number = 1, .bytes = bytes, .payload = full}));
  CHECK_FALSE(through({.number = 2, .bytes = bytes, .payload = part}));
  CHECK_FALSE(through({.number = -1, .bytes = bytes, .payload = full}));
  CHECK_FALSE(through({.hop = -1, .number = 0, .bytes = bytes, .payload = full}));
  CHECK_FALSE(through({.hop = INT64_MAX, .number = 0, .bytes = bytes, .payload = full}));
  CHECK_FALSE(through({.number = 0, .bytes = 0, .payload = {}}));
  CHECK_FALSE(through({.number = 0, .bytes = -8, .payload = full}));
  CHECK_FALSE(through({.number = 0, .bytes = INT32_MAX, .payload = full}));
}

TEST_CASE("a report says of each fragment whether it came") {
  const std::vector<uint8_t> bits{0b00000101, 0b00000010};
  const Bytes written = write_got(place, {.hop = 3, .bytes = 10 * fragment_bytes, .bits = bits});
  const auto found = read_got(*Reader::of(written));
  REQUIRE(found);
  for (int32_t i = 0; i < 10; ++i) CHECK(found->has(i) == (i == 0 || i == 2 || i == 9));
  CHECK_FALSE(found->has(100));
  const Bytes lying = write_got(place, {.hop = 3, .bytes = 20 * fragment_bytes, .bits = bits});
  CHECK_FALSE(read_got(*Reader::of(lying)));
}
