#pragma once
// Engine owns one musician's stream: listener, context, worker, player. Hosts call it like this:
//   audio thread    process() only
//   control thread  everything else (one control thread at a time; hosts serialise)
//   worker threads  inside, one for each model that is open or opening; waited for by a deletion
//                   alone, for 5 ms
// Late, missing and failed answers never shift the stream: the player fades and counts. What plays
// after silence or a gap rises over one `fade`; results that join are bit for bit. A `prepare` that
// changes nothing keeps the stream; one that changes rate, vector or grid, and a `reset`, fade the
// old stream out at the next vectors and start a new one at position 0. The engine
// may be destroyed while the backend is still busy or hangs: the worker then keeps what it uses
// and ends by itself.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/backend.h"
#include "core/clock_keeper.h"
#include "core/grid.h"
#include "core/messages.h"
#include "core/realtime.h"
#include "core/settings.h"
#include "core/stats.h"
#include "core/status.h"

namespace sideman {

// Makes the backend that `settings.backend` asks for; called on the worker thread.
using BackendFactory =
    std::function<std::shared_ptr<Backend>(const Settings& settings, ConsoleLine console)>;

struct EngineInfo {
  State state = State::idle;
  ModelInfo model;
  Grid grid;                    // of the stream that plays; meaningful once ready
  std::string backend;          // "echo", "embedded", ...
  int64_t latency_samples = 0;  // host rate, inlet to outlet: reaction plus resampling
  double reaction_ms = 0.0;
  double realtime_factor = 0.0;  // warm-up: compute time per hop / hop duration
  ClockSource clock_source = ClockSource::none;
  double clock_bpm = 0.0;         // 0: none is known
  double clock_confidence = 0.0;  // of what was heard; 1 for what was told
  int beats_per_bar = 4;
};

class Engine {
 public:
  Engine(Settings settings, BackendFactory factory);
  ~Engine();  // process() must have returned for good; takes 5 ms even when the backend hangs
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // ---- control thread ----
  // The host's rate and largest vector. May be called again at any time, with the audio running.
  Status prepare(double sample_rate, int max_vector);
  // One setting as typed; what it costs is in the table (SettingEffect).
  Status set(std::string_view name, std::span<const Atom> values);
  Settings settings() const;
  // Opens the model of the settings (asynchronously; state goes loading -> ready | error). The one
  // before plays until then, and on, with its settings, when it fails: then the state is ready again.
  // Where a server has no room for both it has left by then.
  void load();
  // Hop and lead together, as the accompaniment paper says them: r, the hop's share of the model's
  // window, and w, the lead in hops. Needs an open model.
  Status window(double r, double w);
  // Forgets what was heard and played; starts a new stream.
  void reset();
  // The host has stopped asking for audio in the midst of it: the next vector rises from silence
  // (paused); it begins a new stream, since what was heard and answered is of long ago (stopped).
  void paused();
  void stopped();
  // For how many seconds the audio has stood still by now; 0 once it goes on, after `lost` seconds
  // in all. The clock by hand goes on meanwhile.
  void stands_still(double seconds, double lost);
  // Seconds of audio so far.
  double seconds() const;
  // The clock by hand: a tempo, and a beat now (number within the bar, from 1; 0: the next one).
  // Beats that follow each other set the tempo too.
  Status tempo(double bpm);
  Status beat(int beat_in_bar);
  Status meter(int beats_per_bar);
  // The host's transport, as often as it likes: position in beats from a downbeat, now.
  void transport(bool running, double bpm, double beat, int beats_per_bar);
  // Next event, if any.
  std::optional<Event> poll();
  EngineInfo info() const;
  StatsSnapshot stats() const;
  // How many parts sound now; 0 while no audio ran. Other than in the settings for one fade after
  // they changed.
  int sounding_parts() const;
  // For offline drivers and tests: waits until every complete hop is answered (or timeout).
  bool wait_idle(double timeout_ms);
  // Waits until the state is ready or error (or timeout).
  bool wait_loaded(double timeout_ms);

  // ---- audio thread ----
  // in: two vectors, the music and the sketch (null: silence); out: `outs` vectors, one per part:
  // those beyond the parts get silence, parts beyond them are not heard. in and out may be the same
  // memory.
  void process(const float* const* in, float* const* out, int outs, int samples) SIDEMAN_REALTIME;
  void process(const double* const* in, double* const* out, int outs, int samples) SIDEMAN_REALTIME;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sideman
