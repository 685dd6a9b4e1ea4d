#pragma once
// One interpreter, many engines: this decides whose console a line of Python's output goes to. A
// line written during an engine's call goes to that engine; any other goes to the oldest engine.
// Any thread but audio.

#include "core/backend.h"

namespace sideman {

class ConsoleVoice {
 public:
  explicit ConsoleVoice(ConsoleLine console);
  ~ConsoleVoice();  // afterwards no line reaches this console
  ConsoleVoice(const ConsoleVoice&) = delete;
  ConsoleVoice& operator=(const ConsoleVoice&) = delete;

  // Marks the calling thread as working for this voice.
  class Turn {
   public:
    explicit Turn(const ConsoleVoice& voice) noexcept;
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    const ConsoleVoice* before_;
  };

  // The bridge's console callback; `user` is not used.
  static void hear(void* user, const char* line);

 private:
  ConsoleLine console_;
};

}  // namespace sideman
