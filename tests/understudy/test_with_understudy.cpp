#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "backends/understudy/with_understudy.h"
#include "support/far_backend.h"
#include "support/near_backend.h"

using namespace sideman;
using namespace sideman::test;
using namespace std::chrono_literals;

namespace {

constexpr float far_level = 0.5f, near_level = 0.25f;
const Grid grid{.hop_frames = 2, .lead_frames = 3, .window_frames = 8};  // 93 ms, lead 139 ms

struct Bench {
  std::shared_ptr<FarBackend> server = std::make_shared<FarBackend>(far_level);
  std::shared_ptr<NearBackend> stand_in = std::make_shared<NearBackend>(near_level);
  std::vector<std::string> lines;
  WithUnderstudy both{server, stand_in, [this](const std::string& line) { lines.push_back(line); }};
  std::vector<float> window = std::vector<float>(static_cast<size_t>(grid.window_samples()));
  std::vector<float> audio = std::vector<float>(static_cast<size_t>(grid.hop_samples()));
  bool continuous = false;
  int64_t next = 0;
  std::chrono::steady_clock::time_point looked;  // last in vain


  Status open(const OpenRequest& request = {}) {
    ModelInfo info;
    Status status = both.open(request, info);
    if (status.ok()) status = both.reset({.grid = grid, .parts = {"bass"}, .seed = 1});
    for (int i = 0; i < 5000 && status.ok() && !stand_in_knows(); ++i) {
      std::this_thread::sleep_for(1ms);
    }
    std::this_thread::sleep_for(20ms);  // and it is known what came of it
    return status;
  }
  bool stand_in_knows() const {
    return stand_in->opened && (!stand_in->opens.ok() || stand_in->resets > 0);
  }
  Status ask(int64_t hop) {
    return both.ask({.hop_id = hop,
                     .grid = grid,
                     .channels = 1,
                     .window = window,
                     .slot = grid.slot(hop),
                     .controls = {}});
  }
  std::optional<Answer> take() {
    HopResult result{.audio = audio};
    for (int i = 0; i < 2000; ++i) {
      const auto now = std::chrono::steady_clock::now();
      if (auto answer = both.take(result)) {
        continuous = result.continuous;
        return answer;
      }
      looked = now;
      std::this_thread::sleep_for(1ms);
    }
    return std::nullopt;
  }
  Status generate(int64_t hop) {
    HopResult result{.audio = audio};
    return both.generate({.hop_id = hop,
                          .grid = grid,
                          .channels = 1,
                          .window = window,
                          .slot = grid.slot(hop),
                          .controls = {}},
                         result);
  }
  // Who plays the next hop: "remote", "embedded", or why nobody does.
  std::string hop() {
    if (!ask(next).ok()) return "not asked";
    const auto answer = take();
    if (!answer) return "never";
    CHECK(answer->hop_id == next);
    ++next;
    if (!answer->status.ok()) return answer->status.sentence;
    CHECK(audio[0] == (answer->backend == "remote" ? far_level : near_level));
    return answer->backend;
  }
};

}  // namespace

TEST_CASE("a server that is well plays alone, each hop continuing the one before") {
  Bench bench;
  REQUIRE(bench.open().ok());
  for (int i = 0; i < 10; ++i) {
    CHECK(bench.hop() == "remote");
    CHECK(bench.continuous == (i > 0));
  }
  CHECK(bench.stand_in->played == 0);
  CHECK(bench.lines.empty());
}

TEST_CASE("a server that falls silent loses no hop, and is heard again when it is back") {
  Bench bench;
  REQUIRE(bench.open().ok());
  for (int i = 0; i < 5; ++i) CHECK(bench.hop() == "remote");
  bench.server->silent = true;
  const auto began = std::chrono::steady_clock::now();
  CHECK(bench.hop() == "embedded");
  CHECK(bench.looked - began < 139ms);  // in time for its slot
  CHECK_FALSE(bench.continuous);
  bench.server->away = true;
  for (int i = 0; i < 5; ++i) {
    CHECK(bench.hop() == "embedded");
    CHECK(bench.continuous);
  }
  bench.server->silent = bench.server->away = false;
  std::string played = bench.hop();
  if (played == "embedded") played = bench.hop();
  CHECK(played == "remote");
  CHECK_FALSE(bench.continuous);
  CHECK(bench.hop() == "remote");
  CHECK(bench.continuous);
  REQUIRE(bench.lines.size() == 2);
  CHECK(bench.lines[0] == "the server does not answer in time; the embedded Python plays on");
  CHECK(bench.lines[1] == "the server plays again");
}

TEST_CASE("a server that cannot play is stood in for, with its own sentence") {
  Bench bench;
  REQUIRE(bench.open().ok());
  CHECK(bench.hop() == "remote");
  bench.server->fails = true;
  for (int i = 0; i < 3; ++i) CHECK(bench.hop() == "embedded");
  bench.server->fails = false;
  bench.hop();
  CHECK(bench.hop() == "remote");
  REQUIRE(!bench.lines.empty());
  CHECK(bench.lines[0] ==
        "remote: out of memory; smaller model; the embedded Python plays on");
}

TEST_CASE("one late answer is waited for until the slot begins") {
  Bench bench;
  REQUIRE(bench.open().ok());
  for (int i = 0; i < 5; ++i) CHECK(bench.hop() == "remote");
  bench.server->takes_ms = 90;  // unusual, and in time
  CHECK(bench.hop() == "remote");
  CHECK(bench.continuous);
}

TEST_CASE("where the server is away at first the embedded Python plays until it comes") {
  Bench bench;
  bench.server->opens = Status::unavailable("remote: no answer from studio; is it on?");
  bench.server->away = true;
  REQUIRE(bench.open().ok());
  CHECK(bench.lines[0] == "remote: no answer from studio; is it on?; the embedded Python plays instead");
  CHECK(bench.hop() == "embedded");
  bench.server->away = false;
  bench.hop();
  CHECK(bench.hop() == "remote");
}

TEST_CASE("without a stand-in the server's failure is the hop's") {
  Bench bench;
  bench.stand_in->opens = Status::unavailable("no Python; make a venv");
  REQUIRE(bench.open().ok());
  CHECK(bench.hop() == "remote");
  CHECK(bench.lines.size() == 1);  // before it is needed
  bench.server->away = true;
  CHECK(bench.hop() == "remote: gone; start it");
  CHECK(bench.hop() == "remote: gone; start it");
  CHECK(bench.lines ==
        std::vector<std::string>{"nobody stands in for the server: no Python; make a venv"});
}

TEST_CASE("a server's side that throws is one that is not there") {
  Bench bench;
  bench.server->while_it_opens = [] { throw std::runtime_error("no sockets are left"); };
  REQUIRE(bench.open().ok());
  CHECK(bench.lines == std::vector<std::string>{
                           "remote: no sockets are left; the embedded Python plays instead"});
}

TEST_CASE("with neither, opening fails with the stand-in's sentence") {
  Bench bench;
  bench.server->opens = Status::unavailable("remote: no answer; is it on?");
  bench.stand_in->opens = Status::unavailable("no Python; make a venv");
  CHECK(bench.open().sentence == "no Python; make a venv");
}

TEST_CASE("who is stopped while the server opens plays nothing") {
  Bench bench;
  bench.server->opens = Status::cancelled();
  CHECK(bench.open().code == StatusCode::cancelled);
  CHECK(bench.stand_in->resets == 0);
  CHECK(bench.lines.empty());
}

TEST_CASE("the stand-in opens while a server that is not there is waited for") {
  Bench bench;
  bool opened = false;
  bench.server->opens = Status::unavailable("remote: no answer from studio; is it on?");
  bench.server->while_it_opens = [&] {
    for (int i = 0; i < 5000 && !bench.stand_in->opened; ++i) std::this_thread::sleep_for(1ms);
    opened = bench.stand_in->opened;
  };
  ModelInfo info;
  REQUIRE(bench.both.open({}, info).ok());
  CHECK(opened);
  CHECK(info.name == "near");
}

TEST_CASE("a stand-in that is still opening is waited for, and who is stopped then waits no more") {
  Bench bench;
  bench.server->opens = Status::unavailable("remote: no answer from studio; is it on?");
  bench.stand_in->hangs = true;
  std::thread other([&] {
    std::this_thread::sleep_for(30ms);
    CHECK_FALSE(bench.stand_in->opened);
    bench.both.cancel();
  });
  CHECK(bench.open().code == StatusCode::cancelled);
  other.join();
}

TEST_CASE("the stand-in's answer is given before it is due, however long the fade, and its waiting is told apart") {
  Bench bench;
  REQUIRE(bench.open().ok());
  CHECK(bench.hop() == "remote");
  REQUIRE(bench.both.reset({.grid = grid, .parts = {"bass"}, .seed = 1, .ready_ms = 60.0}).ok());
  bench.server->silent = true;
  const auto asked = std::chrono::steady_clock::now();
  REQUIRE(bench.ask(1).ok());
  const auto answer = bench.take();
  REQUIRE(answer);
  CHECK(answer->backend == "embedded");
  CHECK(bench.looked - asked < 139ms - 60ms);  // lead without what is due
}

TEST_CASE("how long the stand-in's answer was kept back is told apart from its thinking") {
  Bench bench;
  REQUIRE(bench.open().ok());
  for (int i = 0; i < 8; ++i) CHECK(bench.hop() == "remote");  // usually at once
  bench.server->silent = true;
  REQUIRE(bench.ask(bench.next).ok());
  const auto answer = bench.take();
  REQUIRE(answer);
  CHECK(answer->backend == "embedded");
  CHECK(answer->held_ms > 30.0);  // called soon, and due at the end of the lead of 139 ms
}

TEST_CASE("a server that opens and cannot play is as one that is not there") {
  Bench bench;
  bench.server->fails = true;
  REQUIRE(bench.open().ok());
  CHECK(bench.generate(0).ok());
  CHECK(bench.audio[0] == near_level);
  REQUIRE(bench.lines.size() == 1);
  CHECK(bench.lines[0].find("; the embedded Python plays instead") != std::string::npos);
}

TEST_CASE("a stand-in that cannot play the stream is told of before it is needed") {
  Bench bench;
  bench.stand_in->model.hop_frames = {4};
  REQUIRE(bench.open().ok());
  for (int i = 0; i < 3; ++i) CHECK(bench.hop() == "remote");
  CHECK(bench.lines == std::vector<std::string>{"nobody stands in for the server: the stand-in near "
                                                "cannot play: it cannot play hops of 2 frames"});
}

TEST_CASE("a server that goes while it is measured is stood in for, but not in the middle of a sound") {
  for (const bool to_the_end : {false, true}) {
    CAPTURE(to_the_end);
    Bench bench;
    OpenRequest request;
    request.to_the_end = to_the_end;
    REQUIRE(bench.open(request).ok());
    for (int hop = 0; hop < 3; ++hop) CHECK(bench.generate(hop).ok());
    CHECK(bench.audio[0] == far_level);
    bench.server->fails = true;
    CHECK(bench.generate(3).ok() == !to_the_end);
    if (!to_the_end) CHECK(bench.audio[0] == near_level);
  }
}

TEST_CASE("a server with no room says so once to whoever can make some, and is stood in for else") {
  for (const bool can_make_room : {false, true}) {
    CAPTURE(can_make_room);
    Bench bench;
    bench.server->opens = Status::busy("remote: busy");
    OpenRequest request;
    request.can_make_room = can_make_room;
    CHECK(bench.open(request).ok() == !can_make_room);
    CHECK(bench.lines.size() == (can_make_room ? 0 : 1));
  }
}
