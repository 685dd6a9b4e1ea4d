#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

#include "backends/osc/osc.h"

using namespace sideman::osc;

namespace {

std::string text(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace

TEST_CASE("a message is written as OSC 1.0 says") {
  std::array<uint8_t, 64> place{};
  const Bytes done = Writer(place, "/a", "isb")
                         .int32(-2)
                         .string("five!")
                         .blob(std::array<uint8_t, 3>{1, 2, 3})
                         .done();
  CHECK(text(done) == std::string("/a\0\0,isb\0\0\0\0\xff\xff\xff\xfe"
                                  "five!\0\0\0\0\0\0\3\1\2\3\0",
                                  32));
}

TEST_CASE("what was written is read, argument by argument") {
  std::array<uint8_t, 128> place{};
  const std::vector<uint8_t> payload{9, 8, 7, 6, 5};
  const Bytes done = Writer(place, "/all/of/it", "ihdsbb")
                         .int32(INT32_MIN)
                         .int64(INT64_MIN + 1)
                         .float64(-0.125)
                         .string("")
                         .blob(payload)
                         .blob({})
                         .done();
  auto message = Reader::of(done);
  REQUIRE(message);
  CHECK(message->address() == "/all/of/it");
  CHECK(message->tags() == "ihdsbb");
  CHECK(message->int32() == INT32_MIN);
  CHECK(message->int64() == INT64_MIN + 1);
  CHECK(message->float64() == -0.125);
  CHECK(message->string().empty());
  CHECK_FALSE(message->complete());
  CHECK(text(message->blob()) == text(payload));
  CHECK(message->blob().empty());
  CHECK(message->complete());
}

TEST_CASE("what does not fit, or is not what the tags say, gives no message") {
  std::array<uint8_t, 16> place{};
  CHECK(Writer(place, "/a", "h").int64(1).done().size() == 16);
  CHECK(Writer(place, "/a", "hi").int64(1).int32(1).done().empty());
  CHECK(Writer(place, "/a", "i").int64(1).done().empty());
  CHECK(Writer(place, "/a", "i").done().empty());
  CHECK(Writer(place, "/a", "i").int32(1).int32(2).done().empty());
  CHECK(Writer(place, "/a", "b").blob_place(100).empty());
  CHECK(Writer(place, "/longer/than/that", "").done().empty());
  CHECK(Writer(place, std::string_view("/a\0b", 4), "").done().empty());
}

TEST_CASE("an argument of another type, or one too many, spoils the rest") {
  std::array<uint8_t, 32> place{};
  const Bytes done = Writer(place, "/a", "ii").int32(7).int32(8).done();
  auto message = Reader::of(done);
  CHECK(message->int64() == 0);
  CHECK(message->int32() == 0);
  CHECK_FALSE(message->complete());
  auto again = Reader::of(done);
  CHECK(again->int32() == 7);
  CHECK(again->int32() == 8);
  CHECK(again->int32() == 0);
  CHECK_FALSE(again->complete());
}

TEST_CASE("no cut of a message reads as a whole one, and no cut reads past its end") {
  std::array<uint8_t, 64> place{};
  const Bytes whole =
      Writer(place, "/a", "sb").string("abc").blob(std::array<uint8_t, 6>{}).done();
  for (size_t size = 0; size < whole.size(); ++size) {
    const std::vector<uint8_t> cut(whole.begin(), whole.begin() + static_cast<long>(size));
    auto message = Reader::of(cut);
    if (!message) continue;
    static_cast<void>(message->string());
    static_cast<void>(message->blob());
    CHECK_FALSE(message->complete());
  }
}

TEST_CASE("sizes that lie are refused") {
  std::array<uint8_t, 64> place{};
  for (const uint32_t lie : {5u, 0x7fffffffu, 0x80000000u, 0xffffffffu}) {
    const Bytes done = Writer(place, "/a", "b").blob(std::array<uint8_t, 4>{}).done();
    std::vector<uint8_t> bytes(done.begin(), done.end());
    for (size_t i = 0; i < 4; ++i) bytes[8 + i] = static_cast<uint8_t>(lie >> (24 - 8 * i));
    auto message = Reader::of(bytes);
    REQUIRE(message);
    CHECK(message->blob().empty());
    CHECK_FALSE(message->complete());
  }
  CHECK_FALSE(Reader::of(std::vector<uint8_t>{}));
  CHECK_FALSE(Reader::of(std::vector<uint8_t>{'/', 'a', 'b', 'c'}));
  CHECK_FALSE(Reader::of(std::vector<uint8_t>{'a', 0, 0, 0, ',', 0, 0, 0}));
  CHECK_FALSE(Reader::of(std::vector<uint8_t>{'/', 'a', 0, 1, ',', 0, 0, 0}));
  CHECK_FALSE(Reader::of(std::vector<uint8_t>{'/', 'a', 0, 0, 'i', 0, 0, 0}));
}
