// Every page of the help, as its reader uses it: the object with its arguments, each message once,
// sound all the while.
#include <doctest/doctest.h>

#include <fstream>
#include <string>
#include <vector>

#include "buffers.h"
#include "kernel.h"

using namespace maxhost;
using namespace std::chrono_literals;

namespace {

struct Tab {
  std::string name, arguments;
  std::vector<std::string> messages;
};

// The value of `"name": "value"` on a line, as our own program writes it.
std::string value_of(const std::string& line, const std::string& name) {
  const std::string start = "\"" + name + "\": \"";
  const size_t at = line.find(start);
  if (at == std::string::npos) return {};
  const size_t begin = at + start.size();
  return line.substr(begin, line.rfind('"') - begin);
}

// What lies in a patcher within a tab is sent to nobody: it is further in than the tab's own lines.
std::vector<Tab> tabs_of(const std::string& path) {
  std::vector<Tab> tabs;
  std::ifstream file(path);
  std::string kind;
  size_t tab_depth = 0, inner_depth = std::string::npos;
  for (std::string line; std::getline(file, line);) {
    const size_t depth = line.find_first_not_of(' ');
    if (depth > inner_depth) continue;
    if (depth < inner_depth) inner_depth = std::string::npos;
    if (const std::string found = value_of(line, "maxclass"); !found.empty()) kind = found;
    const std::string text = value_of(line, "text");
    if (text.empty()) continue;
    if (kind == "newobj" && text.rfind("p ", 0) == 0) {
      if (tabs.empty()) tab_depth = depth;
      if (depth > tab_depth) {
        inner_depth = depth;
      } else {
        tabs.push_back({text.substr(2), {}, {}});
      }
    } else if (kind == "newobj" && text.rfind("sideman~", 0) == 0) {
      tabs.back().arguments = text.substr(8);
    } else if (kind == "message" && !tabs.empty()) {
      tabs.back().messages.push_back(text);
    }
  }
  return tabs;
}

}  // namespace

TEST_CASE("every message of every page of the help is taken, while it plays") {
  const std::vector<Tab> tabs = tabs_of(SIDEMAN_HELP);
  REQUIRE(tabs.size() >= 9);
  int with_object = 0, sent = 0;
  for (const Tab& tab : tabs) {
    if (tab.arguments.empty()) continue;
    CAPTURE(tab.name);
    ++with_object;
    Kernel kernel;
    // Long enough that it is rendered still when the page stops it, on any machine.
    put_buffer("sideman-song", {std::vector<float>(600 * 44100, 0.1f), 600 * 44100, 1, 44100.0});
    put_buffer("sideman-parts", {});
    put_buffer("sideman-take", {});
    t_object* x = kernel.create(tab.arguments + " @backend echo");
    REQUIRE(x != nullptr);
    kernel.dsp_on(44100.0, 64);
    CHECK(kernel.serve_until([&] { return kernel.said(x, "status ready"); }, 20s));
    kernel.free_run(64, 4.0);
    for (const std::string& message : tab.messages) {
      CAPTURE(message);
      // Another player than the echo is the business of other tests.
      if (message.rfind("backend", 0) == 0 || message.rfind("host", 0) == 0) continue;
      kernel.send(x, message);
      kernel.serve(20ms);
      ++sent;
      for (const ConsoleLine& line : kernel.console()) CHECK(line.kind != 'e');
    }
    kernel.halt();
    CHECK(kernel.trespasses() == 0);
    kernel.dsp_off();
    kernel.destroy(x);
  }
  CHECK(with_object >= 8);
  CHECK(sent >= 20);
}
