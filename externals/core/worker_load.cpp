// How a worker comes to play: it opens its model, tries it out, takes over and measures it.
#include "core/elapsed.h"
#include "core/guarded.h"
#include "core/warm_up.h"
#include "core/worker.h"

namespace sideman {
namespace {

using Clocked = std::chrono::steady_clock;

constexpr double settling_ms = 10000.0;  // for one that is measured to play

}  // namespace

// It may have taken over and be measured still: it is the one to play on if this one cannot.
void Worker::wait_for_the_one_before() {
  const auto begin = Clocked::now();
  while (before_ && !stopping_ && ms_since(begin) < settling_ms) {
    if (before_->wait_settled(poll_ms)) break;
  }
}

Status Worker::open() {
  const Settings settings = desk_->settings();
  OpenModel model;
  StreamPlan plan;
  desk_->progress(load_, 0.0);
  Status status = open_backend(settings, model.info);
  if (status.code == StatusCode::busy && makes_room()) {
    if (!take_over()) return Status::cancelled();
    status = open_backend(settings, model.info);
  }
  if (status.ok()) status = plan_stream(settings, model.info, {}, 0.0, plan);
  if (!status.ok()) return status;
  if (stopping_) return Status::cancelled();
  desk_->progress(load_, 0.5);
  // While the one before still plays: it plays on if this one cannot.
  tried_ = true;
  const Controls controls = controls_of(settings);
  status = try_out_beside_the_one_before(plan, controls);
  if (!status.ok()) return status;
  // Two models that think at once would measure each other; but a lead that was chosen needs no
  // figure, and then nothing is silent meanwhile.
  const bool beside = settings.lead != automatic;
  if (!beside && !take_over()) return Status::cancelled();
  status = measure(plan, controls, model);
  if (!status.ok()) return status;
  if (beside && !take_over()) return Status::cancelled();
  serving_ = true;  // before anybody hears of it: the next load may come and fail at once
  status = desk_->open_model(load_, model, settings);
  serving_ = status.ok();
  if (!status.ok()) return status;
  settle_down();
  desk_->progress(load_, 1.0);
  desk_->report(load_, State::ready);
  return {};
}

// A server may have no room for both: the one before then has to leave first.
bool Worker::makes_room() const { return !stopping_ && before_ && before_->serving_; }

Status Worker::try_out_beside_the_one_before(const StreamPlan& plan, const Controls& controls) {
  const auto attempt = [&] {
    return guarded("warm-up", [&] { return try_out(*backend_, plan, controls, stopping_); });
  };
  const Status status = attempt();
  if (status.code != StatusCode::busy || !makes_room()) return status;
  return take_over() ? attempt() : Status::cancelled();
}

// False: it was overtaken itself, and the one that plays shall not end for nothing.
bool Worker::take_over() {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
    if (took_over_) return true;  // for its try-out
    took_over_ = true;
  }
  if (!before_) return true;
  before_->stop();
  before_->wait_finished(patience_ms);
  before_.reset();
  return true;
}

void Worker::settle_down() {
  const std::lock_guard lock(mutex_);
  settled_ = true;
  progress_.notify_all();
}

Status Worker::open_backend(const Settings& settings, ModelInfo& info) {
  Status status = guarded("load", [&] { return make_backend(settings); });
  if (status.ok()) status = guarded("load", [&] { return open_model(settings, info); });
  return status;
}

Status Worker::make_backend(const Settings& settings) {
  auto backend = factory_(settings, [desk = desk_](const std::string& line) {
    desk->events.say(Event::Kind::console, line);
  });
  if (!backend) {
    return Status::unavailable("backend " + settings.backend +
                               ": is not in this build; set backend auto");
  }
  {
    const std::lock_guard lock(mutex_);
    backend_.swap(backend);
  }
  return {};  // one that was refused closes here, where nobody waits for the lock
}

Status Worker::open_model(const Settings& settings, ModelInfo& info) {
  const OpenRequest request{.model = settings.model,
                            .parts = settings.names_parts() ? settings.parts : std::vector<std::string>{},
                            .device = settings.device,
                            .python = settings.python,
                            .threads = settings.threads,
                            .can_make_room = makes_room()};
  return backend_->open(request, info);
}

// As it will play, but for the tags: whether the model knows them is not known yet.
Controls Worker::controls_of(Settings settings) {
  settings.tags.clear();
  return make_controls(settings, {});
}

Status Worker::measure(const StreamPlan& plan, const Controls& controls, OpenModel& model) {
  Speed speed;
  const Status status =
      guarded("warm-up", [&] { return warm_up(*backend_, plan, controls, stopping_, speed); });
  model.thinking_ms = allowance_ms(speed.thought_ms, spare_at_first);
  model.realtime_factor = speed.realtime_factor;
  return status;
}

}  // namespace sideman
