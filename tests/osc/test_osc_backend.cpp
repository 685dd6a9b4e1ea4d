// The client with its threads, against a server in this process.
#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
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
  explicit Client(int port, double open_seconds = 60.0)
      : backend({"127.0.0.1", port, "", open_seconds}) {}

  Status open() {
    OpenRequest request;
    request.model = "echo";
    request.parts = {"bass"};
    Status status = backend.open(request, info);
    if (status.ok()) status = backend.reset({.grid = grid, .parts = {"bass"}, .seed = 1});
    return status;
  }

  // Noise of its own for each hop; by hand, as the library's generators take 100 ms for a window
  // in builds with sanitizers, longer than the hops last that are counted below.
  static std::vector<float> window_of(int64_t hop) {
    std::vector<float> window(static_cast<size_t>(grid.window_samples()));
    uint32_t state = static_cast<uint32_t>(hop) * 2654435761u + 1;
    for (float& sample : window) {
      state = state * 1664525u + 1013904223u;
      sample = static_cast<float>(static_cast<int32_t>(state)) * 0x1p-32f;
    }
    return window;
  }

  static HopRequest request_of(int64_t hop, const std::vector<float>& window) {
    return {.hop_id = hop,
            .grid = grid,
            .channels = 1,
            .window = window,
            .slot = grid.slot(hop),
            .controls = {}};
  }

  void compare(int64_t hop, const Status& status) {
    const auto window = window_of(hop);
    same = status.ok() &&
           std::equal(audio.begin(), audio.end(), window.end() - static_cast<long>(audio.size()));
  }

  // Plays one hop, however long it takes; `same` tells whether it came back to the bit.
  Status play(int64_t hop) {
    const auto window = window_of(hop);
    HopResult result{.audio = audio};
    const Status status = backend.generate(request_of(hop, window), result);
    compare(hop, status);
    return status;
  }

  Status ask(int64_t hop) { return backend.ask(request_of(hop, window_of(hop))); }

  // The next answer, waited for.
  Answer take() {
    HopResult result{.audio = audio};
    for (int i = 0; i < 10000; ++i) {
      if (const auto answer = backend.take(result)) {
        compare(answer->hop_id, answer->status);
        return *answer;
      }
      std::this_thread::sleep_for(1ms);
    }
    return {.hop_id = -1, .status = Status::failed("nothing came"), .backend = {}};
  }

  std::vector<float> audio = std::vector<float>(static_cast<size_t>(grid.hop_samples()));
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

TEST_CASE("a model that nobody could have memory for is not believed") {
  EchoServer server;
  server.window_frames = 1 << 20;
  Client client(server.port());
  CHECK(client.open().sentence.find("cannot be played") != std::string::npos);
}

TEST_CASE("a refusal is the server's own sentence, and closing is always possible") {
  EchoServer server;
  server.refuses = true;
  Client client(server.port());
  CHECK(client.open().sentence.find("refused: busy: try later") != std::string::npos);
  client.backend.close();
  client.backend.close();
  CHECK(client.play(0).sentence == "remote: nothing is open; load the model");
}

TEST_CASE("a server that cannot read what is asked for is heard at once") {
  EchoServer server;
  server.understands = false;
  Client client(server.port());
  const auto began = std::chrono::steady_clock::now();
  CHECK(client.open().sentence.find("refused: hop: give 1 to 64") != std::string::npos);
  CHECK(std::chrono::steady_clock::now() - began < 3s);
}

TEST_CASE("a token that is not there is told by its whole path") {
  OscBackend backend({"127.0.0.1", 9, "no such token"});
  ModelInfo info;
  const std::string whole = (std::filesystem::current_path() / "no such token").string();
  CHECK(backend.open({}, info).sentence.find("cannot read the token in " + whole + "; give the") !=
        std::string::npos);
}

TEST_CASE("an answer that comes too late is told apart from none") {
  EchoServer server;
  Client client(server.port());
  REQUIRE(client.open().ok());
  REQUIRE(client.play(0).ok());
  server.thinks_ms = 2000;  // so that none is here before the first is given up
  for (int64_t hop = 1; hop < 7; ++hop) {
    std::this_thread::sleep_for(93ms);
    REQUIRE(client.ask(hop).ok());  // the last one's receipt has just come: somebody is there
  }
  std::this_thread::sleep_for(20ms);
  int late = 0;
  for (int64_t hop = 1; hop < 7; ++hop) {
    const Answer answer = client.take();
    if (answer.status.code != StatusCode::late) continue;
    CHECK(answer.status.sentence.find("take longer than lead and hop") != std::string::npos);
    ++late;
  }
  CHECK(late > 0);  // once nothing is on its way any more, it is as if nobody were there
}

TEST_CASE("a server that is there and answers no hop at all hangs: no longer lead would help") {
  EchoServer server;
  Client client(server.port());
  REQUIRE(client.open().ok());
  REQUIRE(client.play(0).ok());
  server.thinks_ms = 60000;
  for (int64_t hop = 1; hop < 16; ++hop) {
    REQUIRE(client.ask(hop).ok());
    std::this_thread::sleep_for(93ms);
  }
  const Status status = client.take().status;
  CHECK(status.code == StatusCode::unavailable);
  CHECK(status.sentence.find("is there, and has answered no hop for") != std::string::npos);
}

TEST_CASE("a server of whom nothing was asked for a while does not hang") {
  EchoServer server;
  Client client(server.port());
  REQUIRE(client.open().ok());
  REQUIRE(client.play(0).ok());
  std::this_thread::sleep_for(1500ms);  // as while the audio is off
  server.thinks_ms = 60000;
  for (int64_t hop = 1; hop < 5; ++hop) {
    REQUIRE(client.ask(hop).ok());
    std::this_thread::sleep_for(93ms);
  }
  CHECK(client.take().status.sentence.find("has answered no hop") == std::string::npos);
}

TEST_CASE("hops are under way together where the way is longer than they are") {
  EchoServer server;
  Client client(server.port());
  REQUIRE(client.open().ok());
  REQUIRE(client.play(0).ok());
  CHECK(server.most_waiting == 1);
  server.thinks_ms = 100;
  for (int64_t hop = 1; hop < 6; ++hop) REQUIRE(client.ask(hop).ok());
  for (int64_t hop = 1; hop < 6; ++hop) {
    CHECK(client.take().hop_id == hop);
    CHECK(client.same);
  }
  CHECK(server.most_waiting > 1);  // not one by one
}

TEST_CASE("what is asked while the stream opens is sent when it is open; a reset forgets the rest") {
  EchoServer server;
  Client client(server.port());
  REQUIRE(client.open().ok());
  for (int stream = 0; stream < 5; ++stream) {
    REQUIRE(client.backend.reset({.grid = grid, .parts = {"bass"}, .seed = stream}).ok());
    REQUIRE(client.ask(0).ok());
    CHECK(client.take().hop_id == 0);
    CHECK(client.same);
    REQUIRE(client.ask(1).ok());  // its answer belongs to a stream that is over
  }
  REQUIRE(client.backend.reset({.grid = grid, .parts = {"bass"}, .seed = 9}).ok());
  REQUIRE(client.ask(7).ok());
  CHECK(client.take().hop_id == 7);
}

TEST_CASE("hops that wait for a server to read its model are lost, not late") {
  EchoServer server;
  Client client(server.port());
  REQUIRE(client.open().ok());
  REQUIRE(client.play(0).ok());
  server.reads_ms = 1200;
  REQUIRE(client.backend.reset({.grid = grid, .parts = {"bass"}, .seed = 2}).ok());
  for (int64_t hop = 0; hop < 3; ++hop) {
    REQUIRE(client.ask(hop).ok());
    const Status status = client.take().status;
    CHECK(status.code == StatusCode::unavailable);
    CHECK(status.sentence.find("opens the model") != std::string::npos);
  }
  CHECK(client.play(9).ok());
  CHECK(client.same);
}

TEST_CASE("a server that reads its model for too long is told from one that is not there") {
  EchoServer server;
  server.reads_ms = 60000;
  Client client(server.port(), 0.4);
  const Status status = client.open();
  CHECK(status.code == StatusCode::unavailable);
  CHECK(status.sentence.find("still opens the model after 0 s; it may be ready") !=
        std::string::npos);
  server.reads_ms = 0;
  CHECK(client.play(0).ok());  // it went on meanwhile
}

TEST_CASE("a hop that is not answered fails when it is of no use any more") {
  EchoServer server;
  Client client(server.port());
  REQUIRE(client.open().ok());
  REQUIRE(client.play(0).ok());
  server.mute = true;
  const auto began = std::chrono::steady_clock::now();
  REQUIRE(client.ask(1).ok());
  const std::string stalled = client.take().status.sentence;
  CHECK(stalled.find("no answer for") != std::string::npos);
  CHECK(stalled.find("is busy") != std::string::npos);  // which no firewall is to blame for
  const auto took = std::chrono::steady_clock::now() - began;
  CHECK(took > 150ms);  // lead and hop are 232 ms
  CHECK(took < 5s);
  server.mute = false;
  CHECK(client.play(2).ok());
  CHECK(client.same);
}

TEST_CASE("where nobody plays in time a hop may take longer than a server may be silent") {
  EchoServer server;
  Client client(server.port());
  REQUIRE(client.open().ok());
  REQUIRE(client.play(0).ok());
  server.thinks_ms = 3500;
  const Status status = client.play(1);
  INFO(status.sentence);
  CHECK(status.ok());
  CHECK(client.same);
}

TEST_CASE("a call that waits is ended from another thread") {
  EchoServer server;
  Client client(server.port());
  REQUIRE(client.open().ok());
  REQUIRE(client.play(5).ok());
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
  REQUIRE(client.ask(1).ok());
  CHECK_FALSE(client.take().status.ok());
  int64_t hop = 2;
  while (client.ask(hop).ok()) {  // until it is known to be gone
    CHECK_FALSE(client.take().status.ok());
    ++hop;
  }
  server = std::make_unique<EchoServer>(port);
  bool found = false;
  for (int i = 0; i < 200 && !found; ++i) {
    found = client.ask(++hop).ok() && client.take().status.ok();
    if (!found) std::this_thread::sleep_for(20ms);
  }
  CHECK(found);
  CHECK(client.ask(++hop).ok());
  CHECK(client.take().status.ok());
  CHECK(client.same);
}
