#include <doctest/doctest.h>

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>

#include "live.h"
#include "python_fixture.h"

using namespace sideman::test;

namespace {

struct Ending {
  int status = -1;
  double seconds = 0.0;
  std::string text;  // everything that was printed, stderr too
};

Ending run(const std::string& model, const std::string& how, int status) {
  const std::string command = std::string("'") + SIDEMAN_TEST_BINARIES + "/quit_host' '" +
                              venv("whole") + "' " + model + " " + how + " " +
                              std::to_string(status) + " 2>&1";
  FILE* host = popen(command.c_str(), "r");
  REQUIRE(host);
  Ending ending;
  double quitting = 0.0;
  std::array<char, 4096> line{};
  while (std::fgets(line.data(), line.size(), host)) {
    ending.text += line.data();
    if (ending.text == "quitting\n") quitting = Live::now();
  }
  const int result = pclose(host);
  ending.seconds = Live::now() - quitting;
  ending.status = WIFEXITED(result) ? WEXITSTATUS(result) : 1000 + WTERMSIG(result);
  return ending;
}

void leaves_well(const std::string& model) {
  for (const std::string how : {"exit", "stop", "return"}) {
    for (const int status : {0, 7}) {
      const Ending ending = run(model, how, status);
      CAPTURE(how);
      CHECK(ending.text == "quitting\n");
      CHECK(ending.status == status);
      CHECK(ending.seconds < SIDEMAN_TEST_QUIT_SECONDS);
    }
  }
}

}  // namespace

TEST_CASE("a host quits well with an idle model") { leaves_well("echo"); }

TEST_CASE("a host quits well while a model listens to cancel") { leaves_well("waits_for_cancel"); }

TEST_CASE("a host quits well while a model sleeps for a second") { leaves_well("sleeps_1_s"); }

TEST_CASE("a host quits well while a model sleeps for ever") { leaves_well("hangs_asleep"); }

TEST_CASE("a host quits well while a model computes for ever") { leaves_well("hangs_busy"); }

TEST_CASE("a host quits well while a model opens for ever") { leaves_well("hangs_asleep_at_open"); }
