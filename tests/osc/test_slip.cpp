#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "backends/osc/slip.h"

using namespace sideman::osc;
using Datagram = std::vector<uint8_t>;

TEST_CASE("datagrams come out of a stream as they went in, however it is cut") {
  std::mt19937 chance(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<Datagram> sent(1 + chance() % 8);
    Datagram stream;
    for (Datagram& datagram : sent) {
      datagram.resize(1 + chance() % 60);
      // END, ESCAPE and their stand-ins are frequent.
      for (uint8_t& byte : datagram) {
        byte = chance() % 2 ? static_cast<uint8_t>(chance())
                            : std::array<uint8_t, 4>{0xC0, 0xDB, 0xDC, 0xDD}[chance() % 4];
      }
      write_frame(stream, datagram);
    }
    std::vector<Datagram> came;
    Unframer frames(60);
    for (Bytes rest = stream; !rest.empty();) {
      const size_t size = std::min<size_t>(rest.size(), 1 + chance() % 20);
      REQUIRE(frames.take(rest.first(size), [&](Bytes one) {
        came.emplace_back(one.begin(), one.end());
      }));
      rest = rest.subspan(size);
    }
    CHECK(came == sent);
  }
}

TEST_CASE("a frame is as the RFC has it") {
  Datagram stream;
  write_frame(stream, Datagram{1, 0xC0, 2, 0xDB});
  CHECK(stream == Datagram{0xC0, 1, 0xDB, 0xDC, 2, 0xDB, 0xDD, 0xC0});
}

TEST_CASE("too long a frame and a false escape end the stream for good") {
  const Datagram good{0xC0, 1, 0xC0};
  for (const Datagram& bad : {Datagram{0xC0, 1, 2, 3, 4}, Datagram{0xC0, 0xDB, 1},
                              Datagram{0xC0, 1, 0xDB, 0xC0}}) {
    Unframer frames(3);
    int came = 0;
    CHECK_FALSE(frames.take(bad, [&](Bytes) { ++came; }));
    CHECK_FALSE(frames.take(good, [&](Bytes) { ++came; }));
    CHECK(came == 0);
  }
}
