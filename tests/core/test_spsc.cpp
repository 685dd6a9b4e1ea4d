#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "core/spsc_queue.h"
#include "core/spsc_ring.h"
#include "support/patience.h"

using namespace sideman;
using sideman::test::breathe;

TEST_CASE("a queue refuses when full, and gives back in order") {
  SpscQueue<int> queue(3);
  int value = 0;
  CHECK_FALSE(queue.try_pop(value));
  for (int i = 0; i < 3; ++i) CHECK(queue.try_push(i));
  CHECK(queue.full());
  CHECK_FALSE(queue.try_push(3));
  for (int i = 0; i < 3; ++i) {
    CHECK(queue.try_pop(value));
    CHECK(value == i);
  }
  CHECK_FALSE(queue.try_pop(value));
}

TEST_CASE("a queue loses and repeats nothing between two threads") {
  constexpr int64_t count = 100000;
  SpscQueue<int64_t> queue(50);
  std::thread writer([&] {
    for (int64_t i = 0; i < count;) {
      if (queue.try_push(i)) {
        ++i;
      } else {
        breathe();
      }
    }
  });
  bool in_order = true;
  for (int64_t expected = 0; expected < count;) {
    int64_t value = -1;
    if (queue.try_pop(value)) {
      in_order = in_order && value == expected++;
    } else {
      breathe();
    }
  }
  writer.join();
  CHECK(in_order);
}

TEST_CASE("a ring knows every instant by its position") {
  SpscRing ring(2, 6);
  CHECK(ring.capacity() == 8);
  std::vector<float> pair(2);
  for (int i = 0; i < 20; ++i) {
    const float instant[] = {static_cast<float>(i), static_cast<float>(-i)};
    ring.write(instant, 1);
    REQUIRE(ring.read(i, pair));
    CHECK(pair[0] == static_cast<float>(i));
    CHECK(pair[1] == static_cast<float>(-i));
  }
  CHECK(ring.written() == 20);
  CHECK(ring.read(12, pair));
  CHECK_FALSE(ring.read(11, pair));  // overwritten
  CHECK_FALSE(ring.read(20, pair));  // not yet written
  CHECK_FALSE(ring.read(-1, pair));
}

TEST_CASE("a ring never hands out a torn or shifted instant, however far the reader falls behind") {
  constexpr int64_t block = 64;
  constexpr int64_t whole_floats = 1 << 20;
  SpscRing ring(2, 512);
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    std::vector<float> instants;
    for (int64_t at = 0; !stop;) {
      const int64_t size = 1 + at % 37;
      instants.clear();
      for (int64_t i = at; i < at + size; ++i) {
        instants.push_back(static_cast<float>(i % whole_floats));
        instants.push_back(static_cast<float>(-(i % whole_floats)));
      }
      ring.write(instants.data(), size);
      at += size;
      if (at % 50 == 0) breathe();
    }
  });
  int64_t good = 0, lost = 0;
  bool right = true;
  std::vector<float> read(2 * block);
  for (int64_t at = 0; good < 3000 || lost < 30;) {
    // Every hundredth block is fetched when it must be lost, or is just being lost.
    const int64_t patience = good % 100 == 99 ? ring.capacity() - at % 128 : block;
    while (ring.written() < at + patience) breathe();
    if (!ring.read(at, read)) {
      at = ring.written() - block;
      good += good % 100 == 99;
      ++lost;
      continue;
    }
    for (int64_t i = 0; i < block; ++i) {
      const auto value = static_cast<float>((at + i) % whole_floats);
      right = right && read[static_cast<size_t>(2 * i)] == value &&
              read[static_cast<size_t>(2 * i + 1)] == -value;
    }
    ++good;
    at += block;
  }
  stop = true;
  writer.join();
  CHECK(right);
}
