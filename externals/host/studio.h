#pragma once
// Studio is what an instrument does with the host's named sounds: `record` keeps what goes in and
// comes out, aligned to the sample; `render` plays a whole sound at once.
//   audio thread    hear() before the parts are made, and the play() of the tape that it gave after
//   control thread  everything else

#include <atomic>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "host/audio_gate.h"
#include "host/messages.h"
#include "host/rendering.h"
#include "host/tape.h"

namespace sideman {

class Studio {
 public:
  // gate: the one that the audio thread passes around them.
  Studio(SoundStore* sounds, AudioGate& gate) : sounds_(sounds), gate_(gate) {}

  // ---- control thread ----
  // `record names... [seconds]` begins; `record` ends and writes.
  Status record(std::span<const Atom> atoms, size_t parts, double rate);
  // What the tape holds is written at the next tick; also where the rate changes, as it has one.
  void end_tape() { running_.store(nullptr, std::memory_order_seq_cst); }
  // `render from to...`; `render` gives up. order: all but the music.
  Status render(std::span<const Atom> atoms, RenderOrder order);
  // What has come to its end, and how far the rest is; a status that is not ok is for the console.
  Status tick(const std::function<void(const Message&)>& speak);
  // The host quits: gives up what runs.
  void leave() { rendering_.reset(); }

  // ---- audio thread ----
  template <typename Sample>
  Tape* hear(const Sample* music, int samples) SIDEMAN_REALTIME {
    Tape* tape = running_.load(std::memory_order_seq_cst);
    if (tape) tape->hear(music, samples);
    return tape;
  }

 private:
  // A sound that is ready, and the word for it; without a channel nothing was recorded.
  struct Finished {
    const char* selector;
    Names names;
    Sound sound;
    int tries = 0;
  };

  bool finish_tape();
  Status finish_rendering(const std::function<void(const Message&)>& speak);
  Status write(const std::function<void(const Message&)>& speak);

  SoundStore* sounds_;
  AudioGate& gate_;
  std::atomic<Tape*> running_{nullptr};
  std::unique_ptr<Tape> tape_;
  Names tape_names_;
  std::unique_ptr<Rendering> rendering_;
  Names rendering_names_;
  double rendering_rate_ = 0.0;
  int told_percent_ = 0;
  bool given_up_ = false;  // a rendering, since the last tick
  std::vector<Finished> finished_;
};

}  // namespace sideman
