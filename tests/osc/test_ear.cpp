// A server's port, emptied by a thread of its own.
#include <doctest/doctest.h>

#include <array>
#include <asio.hpp>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "backends/osc/ear.h"

using namespace sideman::osc;
using asio::ip::udp;

namespace {

const auto loopback = asio::ip::make_address("127.0.0.1");

struct Port {
  asio::io_context io;
  udp::socket socket{io, {loopback, 0}};
  std::atomic<int> rings = 0;
  Ear ear{static_cast<uintptr_t>(socket.native_handle()), false, [this] { ++rings; }};
};

struct Guest {
  explicit Guest(Port& port, int64_t session) : envelope(session, std::nullopt) {
    socket.connect(port.socket.local_endpoint());
  }
  uint16_t own_port() const { return socket.local_endpoint().port(); }
  void say(uint8_t word) {
    std::array<uint8_t, datagram_bytes> place;
    const Bytes datagram = envelope.wrap(place, Bytes(&word, 1));
    socket.send(asio::buffer(datagram.data(), datagram.size()));
  }
  void say_noise() { socket.send(asio::buffer("no envelope at all")); }

  asio::io_context io;
  udp::socket socket{io, {loopback, 0}};
  Envelope envelope;
};

// Everything that comes until there are `count`, or nothing more comes.
std::vector<Ear::Came> all(Port& port, size_t count) {
  std::vector<Ear::Came> found;
  for (int i = 0; i < 500 && found.size() < count; ++i) {
    for (auto& one : port.ear.take()) found.push_back(std::move(one));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return found;
}

}  // namespace

TEST_CASE("what a guest says lies ready in its order, with where it came from, and the bell rings") {
  Port port;
  Guest guest(port, 7);
  port.ear.admit(7, std::nullopt, "127.0.0.1", guest.own_port());
  for (uint8_t word = 0; word < 20; ++word) guest.say(word);
  const auto came = all(port, 20);
  REQUIRE(came.size() == 20);
  Envelope there(7, std::nullopt);
  std::array<uint8_t, datagram_bytes> place;
  for (uint8_t word = 0; word < 20; ++word) {
    const auto said = there.unwrap(place, came[word].datagram);
    REQUIRE(said);
    CHECK((*said)[0] == word);
    CHECK(came[word].host == "127.0.0.1");
    CHECK(came[word].port == guest.own_port());
  }
  CHECK(port.rings >= 1);
  CHECK(port.ear.dropped() == 0);
}

TEST_CASE("a stranger's noise is counted and does not hide what a guest says") {
  Port port;
  Guest guest(port, 7), stranger(port, 7);
  port.ear.admit(7, std::nullopt, "127.0.0.1", guest.own_port());
  std::thread noise([&] {
    for (int i = 0; i < 2000; ++i) {
      stranger.say_noise();
      stranger.say(1);
      // No more than the port's buffer holds, or who is heard would be the kernel's choice.
      for (int waits = 0; waits < 50 && 2 * i > port.ear.dropped() + 100; ++waits) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    }
  });
  for (uint8_t word = 0; word < 100; ++word) {
    guest.say(word);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  noise.join();
  const auto came = all(port, 100);
  CHECK(came.size() == 100);
  for (const auto& one : came) CHECK(one.port == guest.own_port());
  CHECK(port.ear.dropped() > 0);
}

TEST_CASE("who has left is not heard") {
  Port port;
  Guest guest(port, 7);
  port.ear.admit(7, std::nullopt, "127.0.0.1", guest.own_port());
  guest.say(1);
  CHECK(all(port, 1).size() == 1);
  port.ear.dismiss(7);
  guest.say(2);
  for (int i = 0; i < 500 && port.ear.dropped() == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  CHECK(port.ear.dropped() == 1);
  CHECK(port.ear.take().empty());
}

TEST_CASE("the socket is still its owner's when the ear is gone") {
  asio::io_context io;
  udp::socket socket(io, {loopback, 0});
  { Ear ear(static_cast<uintptr_t>(socket.native_handle()), false, [] {}); }
  CHECK(socket.is_open());
  CHECK(socket.send_to(asio::buffer("x", 1), socket.local_endpoint()) == 1);
}
