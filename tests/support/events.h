#pragma once
// What an engine said, and waiting for what it does on other threads.

#include <chrono>
#include <string>
#include <thread>

#include "core/engine.h"

namespace sideman::test {

inline std::string error_of(Engine& engine) {
  std::string text;
  while (auto event = engine.poll()) {
    if (event->kind == Event::Kind::error) text += event->text;
  }
  return text;
}

template <typename Condition>
bool eventually(Condition&& condition) {
  for (int i = 0; i < 5000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

}  // namespace sideman::test
