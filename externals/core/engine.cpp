#include "core/engine.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "core/beat_teller.h"
#include "core/desk.h"
#include "core/elapsed.h"
#include "core/worker.h"

namespace sideman {
namespace {

// How long a deletion waits in all for the workers before it leaves them behind. In Pd the audio
// waits too.
constexpr double parting_ms = 5.0;

}  // namespace

struct Engine::Impl {
  Impl(Settings settings, BackendFactory factory)
      : desk(std::make_shared<Desk>(std::move(settings))), factory(std::move(factory)) {}

  void load();
  void follow_load();
  void watch_for_loss();
  void count_late();
  void follow_beat();

  std::shared_ptr<Desk> desk;
  BackendFactory factory;
  std::shared_ptr<Worker> worker;  // the one that plays
  std::shared_ptr<Worker> coming;  // the one that opens its model
  int64_t late_told = 0;
  double still = 0.0;  // seconds for which the audio has stood still
  BeatTeller beats;
};

Engine::Engine(Settings settings, BackendFactory factory)
    : impl_(std::make_unique<Impl>(std::move(settings), std::move(factory))) {}

Engine::~Engine() {
  for (const auto& worker : {impl_->coming, impl_->worker}) {
    if (worker) worker->stop();
  }
  const auto began = std::chrono::steady_clock::now();
  for (const auto& worker : {impl_->coming, impl_->worker}) {
    if (worker) worker->wait_finished(std::max(0.0, parting_ms - ms_since(began)));
  }
}

Status Engine::prepare(double sample_rate, int max_vector) {
  const double rate = std::isfinite(sample_rate) ? std::clamp(sample_rate, 0.0, 1e9) : 0.0;
  return impl_->desk->prepare(
      {.sample_rate = static_cast<int32_t>(std::lround(rate)), .max_vector = max_vector});
}

Status Engine::set(std::string_view name, std::span<const Atom> values) {
  const Settings before = impl_->desk->settings();
  const Status status = impl_->desk->set(name, values);
  if (!status.ok()) return status;
  // Where a load failed for a setting, another value of it is what was asked for.
  const bool gave_up = impl_->desk->gave_up();
  const bool loads = impl_->worker || impl_->coming || gave_up;
  const Settings now = impl_->desk->settings();
  if (now == before || !loads) return {};
  const SettingEffect effect = find_setting(name)->effect;
  const bool told = name != "mute" && name != "fallback";  // the model, with every hop
  const bool helps = gave_up && (effect != SettingEffect::live ||
                                 (told && impl_->desk->refused_to_play()));
  if (helps || (effect == SettingEffect::backend && !now.opens_as(before))) impl_->load();
  return {};
}

Settings Engine::settings() const { return impl_->desk->settings(); }

void Engine::load() { impl_->load(); }

Status Engine::window(double r, double w) { return impl_->desk->set_window(r, w); }

void Engine::reset() { impl_->desk->restart(); }

void Engine::paused() { impl_->desk->stage.rise(); }

void Engine::stopped() { impl_->desk->restart(Change::at_once); }

void Engine::stands_still(double seconds, double lost) {
  impl_->still = seconds;
  if (lost > 0.0) impl_->desk->clock.pass(lost);
}

double Engine::seconds() const { return impl_->desk->stage.now(); }

Status Engine::tempo(double bpm) {
  return impl_->desk->clock.tempo(bpm, impl_->desk->stage.now() + impl_->still);
}

Status Engine::beat(int beat_in_bar) {
  return impl_->desk->clock.beat(beat_in_bar, impl_->desk->stage.now() + impl_->still);
}

Status Engine::meter(int beats_per_bar) {
  return impl_->desk->clock.meter(beats_per_bar, impl_->desk->stage.now() + impl_->still);
}

void Engine::transport(bool running, double bpm, double beat, int beats_per_bar) {
  impl_->desk->clock.transport(running, bpm, beat, beats_per_bar, impl_->desk->stage.now());
}

std::optional<Event> Engine::poll() {
  impl_->desk->stage.free_retired();
  impl_->follow_load();
  impl_->watch_for_loss();
  impl_->count_late();
  impl_->follow_beat();
  return impl_->desk->events.take();
}

void Engine::Impl::load() {
  auto overtaken = std::move(coming);
  if (overtaken && !overtaken->overtake()) worker = std::move(overtaken);
  coming = Worker::start(desk, factory, worker, std::move(overtaken));
}

void Engine::Impl::follow_load() {
  if (!coming) return;
  if (coming->took_over()) {
    worker = std::move(coming);
  } else if (coming->finished()) {
    coming.reset();
  }
}

void Engine::Impl::watch_for_loss() {
  if (!worker) return;
  const double busy_ms = worker->busy_ms();
  const auto stream = desk->stage.newest();
  if (busy_ms == 0.0 || stream == nullptr) return;
  const Grid& grid = stream->grid();
  const double ten_hops_ms = 10000.0 * grid.hop_samples() / grid.sample_rate;
  if (busy_ms > std::max(2000.0, ten_hops_ms)) worker->report_lost();
}

void Engine::Impl::count_late() {
  const int64_t late = desk->stats.late();
  if (late == late_told) return;
  late_told = late;
  Event event;
  event.kind = Event::Kind::late;
  event.value = static_cast<double>(late);
  desk->events.push(std::move(event));
}

// Between two hops the clock that was heard runs on, so a beat is told when it comes.
void Engine::Impl::follow_beat() {
  const HeardClock heard = desk->clock.heard_at(desk->stage.now());
  if (!beats.tells(heard)) return;
  Event event;
  event.kind = Event::Kind::clock;
  event.heard = heard;
  desk->events.push(std::move(event));
}

EngineInfo Engine::info() const { return impl_->desk->info(); }

StatsSnapshot Engine::stats() const { return impl_->desk->stats.snapshot(); }

bool Engine::wait_idle(double timeout_ms) {
  impl_->follow_load();
  return !impl_->worker || impl_->worker->wait_idle(timeout_ms);
}

bool Engine::wait_loaded(double timeout_ms) { return impl_->desk->events.wait_loaded(timeout_ms); }

int Engine::sounding_parts() const { return impl_->desk->stage.sounding_parts(); }

void Engine::process(const float* const* in, float* const* out, int outs,
                     int samples) SIDEMAN_REALTIME {
  impl_->desk->stage.process(in, out, outs, samples);
}

void Engine::process(const double* const* in, double* const* out, int outs,
                     int samples) SIDEMAN_REALTIME {
  impl_->desk->stage.process(in, out, outs, samples);
}

}  // namespace sideman
