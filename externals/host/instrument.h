#pragma once
// Instrument is one sideman~ object without its host: an engine and the way to talk to it.
//   audio thread    process() only
//   control thread  everything else; `speak` and `print` are called on it, from inside handle(),
//                   set() and tick()
// It owns the engine. When the model is late or gone it says so in a message; it never waits for it
// (who gives up a rendering waits a few milliseconds, who begins to record after another the same).

#include <algorithm>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/engine.h"
#include "host/audio_gate.h"
#include "host/commands.h"
#include "host/messages.h"
#include "host/pulse.h"
#include "host/studio.h"

namespace sideman {

// How an instrument reaches its host.
struct HostDoor {
  std::function<void(const Message&)> speak;  // the right outlet
  std::function<void(const Line&)> print;     // the console
  SoundStore* sounds = nullptr;               // outlives the instrument
};

class Instrument {
 public:
  Instrument(Settings settings, BackendFactory factory, HostDoor door);
  ~Instrument();
  Instrument(const Instrument&) = delete;
  Instrument& operator=(const Instrument&) = delete;

  // ---- control thread ----
  void prepare(double sample_rate, int max_vector);
  // A message from the patch: a command or a setting. Prints one line when it cannot be done.
  void handle(std::string_view selector, std::span<const Atom> atoms);
  // One setting; false after a line on the console.
  bool set(std::string_view name, std::span<const Atom> values);
  Settings settings() const;
  void transport(bool running, double bpm, double beat, int beats_per_bar);
  // Loads the model the first time, then passes on what the engine has to say.
  void tick();
  // How many parts sound now: the host's signal outlets follow, where one holds all (mc).
  int sounding_parts() const { return engine_ ? engine_->sounding_parts() : 0; }
  // For tests and offline drivers: waits until every complete hop is answered (or timeout).
  bool settle(double timeout_ms);
  // The host quits (see quit_all): takes the engine from the audio thread and ends it. Nothing sounds afterwards.
  void quit();

  // ---- audio thread ----
  template <typename Sample>
  void process(const Sample* const* in, Sample* const* out, int parts,
               int samples) SIDEMAN_REALTIME {
    if (gate_.enter()) {
      Tape* tape = studio_.hear(in[0], samples);
      engine_->process(in, out, parts, samples);
      if (tape) tape->play(out, parts, samples);
      gate_.leave();
      return;
    }
    for (int part = 0; part < parts; ++part) {
      std::fill(out[part], out[part] + samples, Sample{0});
    }
  }

 private:
  void command(const Command& command, std::span<const Atom> atoms);
  Status load(std::span<const Atom> atoms);
  Status window(std::span<const Atom> atoms);
  Status clock(const Command& command, std::span<const Atom> atoms);
  Status record(std::span<const Atom> atoms);
  Status render(std::span<const Atom> atoms);
  void info();
  void doctor();
  void bench();
  void hear(const Event& event);
  void feel_pulse();
  void speak_all(const std::vector<Message>& messages);
  bool complain(const Status& status);

  HostDoor door_;
  BackendFactory factory_;
  std::unique_ptr<Engine> engine_;
  AudioGate gate_;
  Studio studio_;
  Pulse pulse_;
  double sample_rate_ = 0.0;
  int max_vector_ = 0;
  bool started_ = false;
  bool benching_ = false;   // bench was asked for
  bool measuring_ = false;  // and the load that it waits for has begun
  bool opened_ = false;     // and its model is open
  Settings last_settings_;  // once the host has quit
};

// For a host that quits without freeing its objects: ends every instrument that lives and every
// call of their backends, within two seconds. Control thread.
void quit_all();

}  // namespace sideman
