#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "backends/first_that_opens.h"

using namespace sideman;

namespace {

struct Noted final : Backend {
  Noted(std::string its_name, Status opens, std::vector<std::string>& calls)
      : name(std::move(its_name)), opening(std::move(opens)), log(calls) {}
  Status open(const OpenRequest&, ModelInfo& info) override {
    log.push_back(name + " open");
    info.backend = name;
    return opening;
  }
  Status reset(const StreamPlan&) override { return say("reset"); }
  Status generate(const HopRequest&, HopResult&) override { return say("generate"); }
  void close() override { static_cast<void>(say("close")); }
  void cancel() noexcept override { static_cast<void>(say("cancel")); }
  Status say(const char* what) {
    log.push_back(name + " " + what);
    return {};
  }

  std::string name;
  Status opening;
  std::vector<std::string>& log;
};

struct Both {
  std::vector<std::string> log, lines;
  FirstThatOpens backend;

  explicit Both(Status remote)
      : backend(std::make_shared<Noted>("remote", std::move(remote), log),
                std::make_shared<Noted>("embedded", Status{}, log),
                [this](const std::string& line) { lines.push_back(line); }) {}

  std::string played() {
    ModelInfo info;
    static_cast<void>(backend.open({}, info));
    HopResult result;
    log.clear();
    static_cast<void>(backend.reset({}));
    static_cast<void>(backend.generate({}, result));
    backend.close();
    std::string calls;
    for (const std::string& call : log) calls += call + ", ";
    return calls;
  }
};

}  // namespace

TEST_CASE("a server that answers plays, and nobody else is opened") {
  Both both{Status{}};
  CHECK(both.played() == "remote reset, remote generate, remote close, ");
  CHECK(both.lines.empty());
}

TEST_CASE("where none answers the embedded Python plays, and the console says why") {
  Both both{Status::unavailable("remote: no answer from studio port 7770; is it running?")};
  CHECK(both.played() == "embedded reset, embedded generate, embedded close, ");
  REQUIRE(both.lines.size() == 1);
  CHECK(both.lines[0] ==
        "remote: no answer from studio port 7770; is it running?; the embedded Python plays instead");
}

TEST_CASE("who is stopped while opening opens nothing else") {
  Both both{Status::cancelled()};
  ModelInfo info;
  CHECK(both.backend.open({}, info).code == StatusCode::cancelled);
  CHECK(both.log == std::vector<std::string>{"remote open"});
  both.backend.cancel();
  CHECK(both.log.back() == "embedded cancel");
}
