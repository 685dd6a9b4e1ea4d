// The client with its threads, against a server in this process.
#include <doctest/doctest.h>

#include <chrono>
#include <random>
#include <thread>
#include <vector>

#include "backends/osc/osc_backend.h"
#include "support/echo_server.h"

using namespace sideman;
using namespace std::chrono_literals;
using sideman::test::EchoServer;

namespace {

const Grid grid{.hop_frames = 2, .lead_frames = 3};

struct Client {
  explicit Client(int port) : backend({"127.0.0.1", port, ""}) {}

  Status open() {
    OpenRequest request;
    request.model = "echo";
    request.parts = {"bass"};
    Status status = backend.open(request, info);
    if (status.ok()) status = backend.reset({.grid = grid, .parts = {"bass"}, .seed = 1});
    return status;
  }

  // Plays one hop; `same` tells whether it came back to the bit.
  Status play(int64_t hop) {
    std::mt19937 chance(static_cast<unsigned>(hop));
    std::uniform_real_distribution<float> drawn(-0.5f, 0.5f);
    std::vector<float> window(static_cast<size_t>(grid.window_samples()));
    for (float& sample : window) sample = drawn(chance);
    std::vector<float> audio(static_cast<size_t>(grid.hop_samples()));
    HopResult result{.audio = audio};
    const Status status = backend.generate({.hop_id = hop,
                                            .grid = grid,
                                            .channels = 1,
                                            .window = window,
                                            .slot = grid.slot(hop),
                                            .controls = {}},
                                           result);
    same = status.ok() && std::equal(audio.begin(), audio.end(),
                                     window.end() - static_cast<long>(audio.size()));
    return status;
  }

  OscBackend backend;
  ModelInfo info;
  bool same = false;
};

}  // namespace

TEST_CASE("a server's echo comes back to the bit, stream after stream") {
  EchoServer server;
  Client client(server.port());
  for (int stream = 0; stream < 3; ++stream) {
    REQUIRE(client.open().ok());
    CHECK(client.info.name == "echo");
    CHECK(client.info.hop_frames == std::vector<int32_t>{1, 2, 4});
    for (int64_t hop = 0; hop < 10; ++hop) {
      CHECK(client.play(hop).ok());
      CHECK(client.same);
    }
    client.backend.close();
  }
}

TEST_CASE("nobody there is one line within the patience") {
  Client client(9);
  const auto began = std::chrono::steady_clock::now();
  const Status status = client.open();
  CHECK(status.code == StatusCode::unavailable);
  CHECK(status.sentence.find("is `sideman serve` running there") != std::string::npos);
  CHECK(std::chrono::steady_clock::now() - began < 10s);
}

TEST_CASE("a refusal is the server's own sentence, and closing is always possible") {
  EchoServer server;
  server.refuses = true;
  Client client(server.port());
  CHECK(client.open().sentence.find("refused: busy: try later") != std::string::npos);
  client.backend.close();
  client.backend.close();
  CHECK_FALSE(client.play(0).ok());
}

TEST_CASE("a hop that is not answered fails when it is of no use any more") {
  EchoServer server;
  Client client(server.port());
  REQUIRE(client.open().ok());
  server.mute = true;
  const auto began = std::chrono::steady_clock::now();
  CHECK(client.play(0).sentence.find("no answer") != std::string::npos);
  const auto took = std::chrono::steady_clock::now() - began;
  CHECK(took > 150ms);  // lead and hop are 232 ms
  CHECK(took < 5s);
  server.mute = false;
  CHECK(client.play(1).ok());
  CHECK(client.same);
}

TEST_CASE("a call that waits is ended from another thread") {
  EchoServer server;
  Client client(server.port());
  REQUIRE(client.open().ok());
  server.mute = true;
  std::thread other([&] {
    std::this_thread::sleep_for(30ms);
    client.backend.cancel();
  });
  CHECK(client.play(0).code == StatusCode::cancelled);
  other.join();
}

TEST_CASE("a server that comes back is found, and the stream goes on") {
  auto server = std::make_unique<EchoServer>();
  const int port = server->port();
  Client client(port);
  REQUIRE(client.open().ok());
  CHECK(client.play(0).ok());
  server.reset();
  int64_t hop = 1;
  while (client.play(hop).ok()) ++hop;
  server = std::make_unique<EchoServer>(port);
  bool found = false;
  for (int i = 0; i < 400 && !found; ++i) {
    found = client.play(++hop).ok();
    if (!found) std::this_thread::sleep_for(20ms);
  }
  CHECK(found);
  CHECK(client.play(++hop).ok());
  CHECK(client.same);
}
