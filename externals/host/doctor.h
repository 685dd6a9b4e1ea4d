#pragma once
// Checks of the installation from inside the host, as `sideman doctor` makes them from a terminal.
// Control thread; reads a few files, starts nothing.

#include <string>
#include <vector>

#include "core/engine.h"
#include "host/messages.h"

namespace sideman {

struct Check {
  std::string name;      // one word
  bool ok = false;
  std::string sentence;  // what was found, or what is wrong and what to do
};

std::vector<Check> run_doctor(const EngineInfo& info, const Settings& settings);

std::vector<Message> doctor_messages(const std::vector<Check>& checks);
std::vector<Line> doctor_lines(const std::vector<Check>& checks);

}  // namespace sideman
