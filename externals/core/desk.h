#pragma once
// Desk is where control and worker threads meet: the settings, the host's format, the model that is
// open, and the rule that turns them into a stream on the stage. Every function may be called from
// both; none from audio, which sees the stage only. A worker shows the number of its load with what
// it brings, so that one that was replaced while it hung can change nothing any more. While a load is
// under way the model before it plays on; it alone gives way, and only to one that is open.

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock_keeper.h"
#include "core/engine.h"
#include "core/events.h"
#include "core/plan.h"
#include "core/settings.h"
#include "core/stage.h"
#include "core/stats.h"

namespace sideman {

struct OpenModel {
  ModelInfo info;
  double thinking_ms = 0.0;      // the time allowed for a hop when the lead is automatic
  double realtime_factor = 0.0;
};

class Desk {
 public:
  explicit Desk(Settings settings);

  Settings settings() const;
  // The same as the worker of this load plays by them: while another model is coming, without the
  // tags that are meant for that one.
  Settings settings_for(int64_t load) const;
  Status set(std::string_view name, std::span<const Atom> values);
  // Hop and lead together, as the accompaniment paper says them; needs an open model.
  Status set_window(double r, double w);
  Status prepare(HostFormat host);
  void restart(Change change = Change::faded);
  EngineInfo info() const;

  // A load begins: the state is `loading`. Returns its number.
  int64_t begin_load();
  // Its model is open and can be played, also where the next one is coming already. settings: it was
  // opened with these; where those of now cannot be played, it is played by their stream settings.
  Status open_model(int64_t load, const OpenModel& model, const Settings& settings);
  // It failed. plays_on: the model before still does; its settings come back. opened: the model was,
  // but did not play.
  void give_up(int64_t load, const Status& reason, bool plays_on, bool opened = false);
  // Whether no model is open and none is coming: a setting that was at fault may help.
  bool gave_up() const;
  // And whether it was for how it should play, not for the model: a live setting may help too.
  bool refused_to_play() const;
  // Changes the automatic lead. A shorter one costs a stream in which nothing was wrong, so unless it
  // is less than half as long it waits for the next stream that begins. Returns the time allowed now.
  double allow(int64_t load, double thinking_ms);
  double thinking_ms() const;
  double host_vector_ms() const;
  void report(int64_t load, State state, std::string reason = {});
  void progress(int64_t load, double share);
  // Another backend than before answers.
  void played_by(int64_t load, const std::string& backend);
  // What the backend of this load made of the beat, heard until `moment`.
  void hear_clock(int64_t load, const HeardClock& clock, double moment);

  Stats stats;  // before the stage, whose streams refer to it
  Events events;
  ClockKeeper clock;
  Stage stage;

 private:
  Status check_doors(const Settings& changed) const;
  Status check_playable(std::string_view name, const Settings& changed) const;
  void take_settings_back();
  void take_stream_settings(const Settings& from);
  void leave_unknown_tags();
  std::vector<Tag> known(std::vector<Tag> tags) const;  // those that the open model knows
  Status publish(bool always, Change change = Change::faded);
  void announce(const Stream& stream, const std::shared_ptr<Stream>& before);
  void warn_of_short_lead(const Grid& grid);

  mutable std::mutex mutex_;
  Settings settings_;
  HostFormat host_;
  std::string trouble_;  // that the last error was
  std::optional<OpenModel> model_;
  std::optional<Settings> before_;  // of the model that is open, where a load was asked for others
  std::optional<double> next_thinking_ms_;  // that the next stream is made for
  bool refused_to_play_ = false;
  double fade_ms_ = 0.0;            // of the newest stream
  int64_t newest_ = 0;              // number of the last load that began
  int64_t coming_ = 0;              // of the one under way; 0: none
  int64_t playing_ = 0;             // of the one whose model is open; 0: none
};

}  // namespace sideman
