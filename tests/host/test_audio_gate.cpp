#include <doctest/doctest.h>

#include <thread>

#include "host/audio_gate.h"

using namespace sideman;
using namespace std::chrono_literals;

TEST_CASE("an open gate lets every vector pass, a closed one none") {
  AudioGate gate;
  CHECK(gate.enter());
  gate.leave();
  CHECK(gate.close(10ms));
  CHECK_FALSE(gate.enter());
}

TEST_CASE("closing waits for the vector under way") {
  AudioGate gate;
  std::atomic<bool> inside{false}, left{false};
  std::thread audio([&] {
    REQUIRE(gate.enter());
    inside = true;
    std::this_thread::sleep_for(30ms);
    left = true;
    gate.leave();
  });
  while (!inside) {
    std::this_thread::yield();
  }
  CHECK(gate.close(5000ms));
  CHECK(left);
  audio.join();
}

TEST_CASE("closing gives up on an audio thread that does not come back") {
  AudioGate gate;
  REQUIRE(gate.enter());
  CHECK_FALSE(gate.close(20ms));
}
