#include "core/desk.h"

#include <cmath>
#include <cstdio>
#include <utility>

#include "core/numbers.h"

namespace sideman {
namespace {

constexpr int32_t lowest_rate = 8000;
constexpr int32_t highest_rate = 384000;

std::string milliseconds(double ms) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.1f ms", ms);
  return digits;
}

double lead_ms(const Grid& grid) { return 1000.0 * grid.lead_samples() / grid.sample_rate; }

// What a sentence says but for its numbers: hops and seconds go on, the trouble stays the same.
std::string trouble_of(std::string_view sentence) {
  std::string words;
  for (const char c : sentence) {
    if (c < '0' || c > '9') words += c;
  }
  return words;
}

}  // namespace

Desk::Desk(Settings settings)
    : stage(settings.mc ? most_parts : static_cast<int>(settings.parts.size())),
      settings_(std::move(settings)) {
  stage.set_audible(!settings_.mute);
  stage.set_hold(settings_.fallback == "hold");
}

Settings Desk::settings() const {
  const std::lock_guard lock(mutex_);
  return settings_;
}

Settings Desk::settings_for(int64_t load) const {
  const std::lock_guard lock(mutex_);
  Settings own = settings_;
  if (load == playing_ && coming_ != 0 && model_) own.tags = known(own.tags);
  return own;
}

Status Desk::set(std::string_view name, std::span<const Atom> values) {
  const std::lock_guard lock(mutex_);
  Settings changed = settings_;
  if (Status status = changed.set(name, values); !status.ok()) return status;
  if (Status status = check_doors(changed); !status.ok()) return status;
  if (Status status = check_playable(name, changed); !status.ok()) return status;
  const SettingEffect effect = find_setting(name)->effect;
  const bool new_stream = effect == SettingEffect::stream || effect == SettingEffect::creation;
  const bool opens = effect == SettingEffect::backend && !changed.opens_as(settings_);
  if (opens && model_ && !before_) before_ = settings_;
  if (effect == SettingEffect::backend && !opens && before_) (void)before_->set(name, values);
  settings_ = std::move(changed);
  stage.set_audible(!settings_.mute);
  stage.set_hold(settings_.fallback == "hold");
  if (!new_stream) return {};
  const Status status = publish(false);
  return coming_ != 0 ? Status{} : status;
}

// What the open model cannot do is refused, unless another one is coming that may.
Status Desk::check_playable(std::string_view name, const Settings& changed) const {
  if (!model_ || coming_ != 0) return {};
  if (name == "tags") return check_tags(changed.tags, model_->info);
  const SettingEffect effect = find_setting(name)->effect;
  if (effect != SettingEffect::stream && effect != SettingEffect::creation) return {};
  StreamPlan plan;
  return plan_stream(changed, model_->info, host_, model_->thinking_ms, plan);
}

Status Desk::set_window(double r, double w) {
  const std::lock_guard lock(mutex_);
  if (!model_) {
    return Status::invalid("window: the model that says how long it is is not open yet; send it "
                           "again when the status is ready");
  }
  Settings changed = settings_;
  const int32_t window = model_->info.window_frames;
  Status status = hop_and_lead(r, w, model_->info, changed.hop, changed.lead);
  if (!status.ok()) return status;
  StreamPlan plan;
  status = plan_stream(changed, model_->info, host_, model_->thinking_ms, plan);
  if (!status.ok()) return status;
  settings_ = std::move(changed);
  events.say(Event::Kind::console,
             "window of " + std::to_string(window) + " frames: hop " +
                 std::to_string(settings_.hop) + ", lead " + std::to_string(settings_.lead));
  return publish(false);
}

Status Desk::check_doors(const Settings& changed) const {
  if (changed.mc != settings_.mc) {
    return Status::invalid("mc: the outlets of this object are made; write @mc " +
                           std::string(changed.mc ? "1" : "0") + " in a new one");
  }
  if (settings_.mc || changed.parts.size() == settings_.parts.size()) return {};
  return Status::invalid("parts: this object has " + std::to_string(settings_.parts.size()) +
                         " signal outlets, not " + std::to_string(changed.parts.size()) +
                         "; make a new object for another number of parts, or one with @mc 1");
}

Status Desk::prepare(HostFormat host) {
  if (host.sample_rate < lowest_rate || host.sample_rate > highest_rate || host.max_vector < 1) {
    return Status::invalid("cannot play at " + digits_of(host.sample_rate, 6) + " Hz in vectors of " +
                           std::to_string(host.max_vector) + " samples: 8000 to 384000 Hz can be "
                           "played; take it out of what changes the rate (poly~, block~)");
  }
  const std::lock_guard lock(mutex_);
  host_ = host;
  stage.set_host_rate(host.sample_rate);
  const Status status = publish(false);
  if (status.ok() || coming_ == 0 || !before_) return status;
  // For a setting that is meant for the model that is coming: the one that plays keeps its own.
  const Settings asked = settings_;
  take_stream_settings(*before_);
  const Status kept = publish(false);
  settings_ = asked;
  return kept;
}

void Desk::restart(Change change) {
  const std::lock_guard lock(mutex_);
  clock.heard({}, 0.0);
  (void)publish(true, change);  // the plan was checked when its settings were taken
}

int64_t Desk::begin_load() {
  const std::lock_guard lock(mutex_);
  if (model_ && !before_) before_ = settings_;
  events.set_state(State::loading);
  coming_ = ++newest_;
  return coming_;
}

Status Desk::open_model(int64_t load, const OpenModel& model, const Settings& settings) {
  const std::lock_guard lock(mutex_);
  if (coming_ < load) return Status::cancelled();  // a later one is open, or was given up
  model_ = model;
  next_thinking_ms_.reset();
  if (model_->info.backend.empty()) model_->info.backend = settings.backend;
  stats.clear();
  clock.heard({}, 0.0);
  const Settings asked = settings_;
  const bool last = coming_ == load;
  // What came since may be meant for the next one.
  if (!last) take_stream_settings(settings);
  Status status = publish(true);
  if (!status.ok() && last) {  // for a setting that came while it was being opened
    events.say(Event::Kind::error, status.sentence);
    take_stream_settings(settings);
    status = publish(true);
  }
  if (!last) settings_ = asked;
  if (!status.ok()) {
    model_.reset();
    return status;
  }
  playing_ = load;
  events.say(Event::Kind::backend, model_->info.backend);
  if (!last) {
    before_ = settings;
    return {};
  }
  coming_ = 0;
  before_.reset();
  leave_unknown_tags();
  return {};
}

void Desk::give_up(int64_t load, const Status& reason, bool plays_on, bool opened) {
  const std::lock_guard lock(mutex_);
  if (load != coming_) return;
  coming_ = 0;
  refused_to_play_ = opened;
  events.say(Event::Kind::error, reason.sentence);
  if (plays_on && model_) {
    const std::string python = settings_.python;
    take_settings_back();
    if (reason.code == StatusCode::later) settings_.python = python;  // it is for the next start
    leave_unknown_tags();
    (void)publish(false);  // stream settings that came meanwhile, where it can do them
    events.say(Event::Kind::console, model_->info.name + " plays on");
    events.set_state(State::ready);
  } else {
    model_.reset();
    playing_ = 0;
    clock.heard({}, 0.0);
    events.set_state(State::error, reason.sentence);
  }
  before_.reset();
}

bool Desk::gave_up() const {
  const std::lock_guard lock(mutex_);
  return !model_ && coming_ == 0 && newest_ != 0;
}

bool Desk::refused_to_play() const {
  const std::lock_guard lock(mutex_);
  return refused_to_play_;
}

void Desk::take_settings_back() {
  if (!before_) return;
  settings_.take(*before_, SettingEffect::backend);
  StreamPlan plan;
  if (plan_stream(settings_, model_->info, host_, model_->thinking_ms, plan).ok()) return;
  take_stream_settings(*before_);
}

void Desk::take_stream_settings(const Settings& from) {
  settings_.take(from, SettingEffect::stream);
  settings_.take(from, SettingEffect::creation);
}

// Tags that were given before their model was known.
void Desk::leave_unknown_tags() {
  const Status status = check_tags(settings_.tags, model_->info);
  if (status.ok()) return;
  events.say(Event::Kind::error, status.sentence);
  settings_.tags = known(settings_.tags);
}

std::vector<Tag> Desk::known(std::vector<Tag> tags) const {
  std::erase_if(tags, [this](const Tag& tag) { return !check_tags({tag}, model_->info).ok(); });
  return tags;
}

double Desk::allow(int64_t load, double thinking_ms) {
  const std::lock_guard lock(mutex_);
  if (load != playing_ || !model_) return thinking_ms;
  const double before = model_->thinking_ms;
  next_thinking_ms_.reset();
  if (thinking_ms < before && thinking_ms > before / 2) {
    next_thinking_ms_ = thinking_ms;
    return before;
  }
  const auto stream = stage.newest();
  // What goes beyond the longest lead is forgotten, or it would take as many steps down again.
  const int32_t hop = stream ? stream->grid().hop_frames : model_->info.hop_frames.front();
  const double most = longest_thinking_ms(settings_.fade, host_, model_->info, hop);
  model_->thinking_ms = std::min(thinking_ms, std::max(most, 0.0));
  const bool made = publish(false).ok();
  const bool longer_in_vain = stage.newest() == stream && model_->thinking_ms > before;
  if (!made || longer_in_vain) model_->thinking_ms = before;
  return model_->thinking_ms;
}

double Desk::host_vector_ms() const {
  const std::lock_guard lock(mutex_);
  return vector_ms(host_);
}

double Desk::thinking_ms() const {
  const std::lock_guard lock(mutex_);
  return model_ ? model_->thinking_ms : 0.0;
}

void Desk::report(int64_t load, State state, std::string reason) {
  const std::lock_guard lock(mutex_);
  if (load != (coming_ != 0 ? coming_ : playing_)) return;
  const std::string trouble = state == State::error ? trouble_of(reason) : std::string();
  if (!trouble.empty() && trouble != trouble_) events.say(Event::Kind::error, reason);
  trouble_ = trouble;
  events.set_state(state, std::move(reason));
}

void Desk::progress(int64_t load, double share) {
  const std::lock_guard lock(mutex_);
  if (load != newest_) return;
  Event event;
  event.kind = Event::Kind::progress;
  event.value = share;
  events.push(std::move(event));
}

void Desk::played_by(int64_t load, const std::string& backend) {
  const std::lock_guard lock(mutex_);
  if (load != playing_ || !model_ || model_->info.backend == backend) return;
  model_->info.backend = backend;
  events.say(Event::Kind::backend, backend);
}

void Desk::hear_clock(int64_t load, const HeardClock& heard, double moment) {
  const std::lock_guard lock(mutex_);
  if (load == playing_) clock.heard(heard, moment);
}

EngineInfo Desk::info() const {
  const std::lock_guard lock(mutex_);
  EngineInfo all;
  all.state = events.state();
  const ClockKeeper::Reading reading = clock.reading(settings_.clock);
  all.clock_source = reading.source;
  all.clock_bpm = reading.bpm;
  all.clock_confidence = reading.confidence;
  all.beats_per_bar = reading.beats_per_bar;
  if (!model_) return all;
  all.model = model_->info;
  all.backend = model_->info.backend;
  all.realtime_factor = model_->realtime_factor;
  const auto stream = stage.newest();
  if (stream == nullptr) return all;
  all.grid = stream->grid();
  all.latency_samples = stream->latency_samples();
  all.reaction_ms = 1000.0 * all.grid.reaction_samples() / all.grid.sample_rate;
  return all;
}

// Puts a new stream on the stage when the plan asks for one, or in any case.
Status Desk::publish(bool always, Change change) {
  if (!model_ || host_.sample_rate == 0) return {};
  StreamPlan plan;
  const Status status = plan_stream(settings_, model_->info, host_, model_->thinking_ms, plan);
  if (!status.ok()) return status;
  stage.free_retired();
  const auto before = stage.newest();
  const bool same = before != nullptr && before->plan() == plan &&
                    before->host_rate() == host_.sample_rate && fade_ms_ == settings_.fade;
  if (same && !always) return {};
  if (next_thinking_ms_) {
    model_->thinking_ms = *std::exchange(next_thinking_ms_, std::nullopt);
    return publish(true, change);
  }
  fade_ms_ = settings_.fade;
  auto stream = std::make_shared<Stream>(plan, host_.sample_rate, fade_ms_, stats);
  announce(*stream, before);
  stage.publish(std::move(stream), change);
  return {};
}

void Desk::announce(const Stream& stream, const std::shared_ptr<Stream>& before) {
  const Grid& grid = stream.grid();
  if (before != nullptr && before->latency_samples() == stream.latency_samples() &&
      before->grid() == grid) {
    return;
  }
  Event event;
  event.kind = Event::Kind::latency;
  event.samples = stream.latency_samples();
  event.value = grid.lead_frames;
  events.push(std::move(event));
  if (settings_.lead != automatic) {
    warn_of_short_lead(grid);
  } else if (before == nullptr || before->grid().lead_frames != grid.lead_frames) {
    events.say(Event::Kind::console,
               "lead is now " + std::to_string(grid.lead_frames) + " frames (" +
                   milliseconds(lead_ms(grid)) + "): measured, " +
                   milliseconds(model_->thinking_ms) + " to think, with margin");
  }
}

void Desk::warn_of_short_lead(const Grid& grid) {
  const int32_t least = shortest_lead(0.0, fade_ms_, host_, model_->info);
  if (grid.lead_frames >= least) return;
  events.say(Event::Kind::console,
             "lead " + std::to_string(grid.lead_frames) + " (" + milliseconds(lead_ms(grid)) +
                 "): shorter than the host's vector and a fade, so hops will be late; set lead " +
                 std::to_string(least) + " or more, or auto");
}

}  // namespace sideman
