#include "backends/python/console_voice.h"

#include <algorithm>
#include <mutex>
#include <vector>

namespace sideman {

namespace {

struct Voices {
  std::mutex mutex;
  std::vector<const ConsoleVoice*> oldest_first;
};

// Leaked on purpose: Python may still print while the process ends.
Voices& voices() {
  static Voices* const all = new Voices;
  return *all;
}

thread_local const ConsoleVoice* speaking = nullptr;

}  // namespace

ConsoleVoice::ConsoleVoice(ConsoleLine console) : console_(std::move(console)) {
  const std::lock_guard lock(voices().mutex);
  voices().oldest_first.push_back(this);
}

ConsoleVoice::~ConsoleVoice() {
  const std::lock_guard lock(voices().mutex);
  std::erase(voices().oldest_first, this);
}

ConsoleVoice::Turn::Turn(const ConsoleVoice& voice) noexcept : before_(speaking) {
  speaking = &voice;
}

ConsoleVoice::Turn::~Turn() { speaking = before_; }

void ConsoleVoice::hear(void*, const char* line) {
  ConsoleLine console;
  {
    const std::lock_guard lock(voices().mutex);
    const auto& all = voices().oldest_first;
    if (all.empty()) return;
    const bool known = std::find(all.begin(), all.end(), speaking) != all.end();
    console = (known ? speaking : all.front())->console_;
  }
  if (!console) return;
  try {
    console(line);
  } catch (...) {
    // A console that cannot take a line must not stop the model that wrote it.
  }
}

}  // namespace sideman
