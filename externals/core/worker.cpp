#include "core/worker.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/elapsed.h"
#include "core/guarded.h"
#include "core/own_thread.h"

namespace sideman {
namespace {

using Clocked = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr int forgetful_hops = 16;  // without an answer, until the beat that was heard is forgotten

int64_t now_ns() { return Clocked::now().time_since_epoch() / std::chrono::nanoseconds(1); }

double hop_ms(const Grid& grid) { return 1000.0 * grid.hop_samples() / grid.sample_rate; }

std::string words(const char* form, int64_t hop, double ms) {
  char text[96];
  std::snprintf(text, sizeof text, form, static_cast<long long>(hop), ms);
  return text;
}

// Marks the time a backend call takes, for `busy_ms`.
class Busy {
 public:
  explicit Busy(std::atomic<int64_t>& since) : since_(since) { since_.store(now_ns()); }
  ~Busy() { since_.store(0); }

 private:
  std::atomic<int64_t>& since_;
};

bool sane(std::span<const float> audio) {
  return std::ranges::all_of(audio, [](float x) { return std::abs(x) <= loudest_sample; });
}

}  // namespace

std::shared_ptr<Worker> Worker::start(std::shared_ptr<Desk> desk, BackendFactory factory,
                                      std::shared_ptr<Worker> before,
                                      std::shared_ptr<Worker> overtaken) {
  std::shared_ptr<Worker> worker(new Worker(std::move(desk), std::move(factory), std::move(before),
                                            std::move(overtaken)));
  own_thread([worker] { worker->run(); }).detach();
  return worker;
}

Worker::Worker(std::shared_ptr<Desk> desk, BackendFactory factory, std::shared_ptr<Worker> before,
               std::shared_ptr<Worker> overtaken)
    : desk_(std::move(desk)),
      factory_(std::move(factory)),
      load_(desk_->begin_load()),
      before_(std::move(before)),
      overtaken_(std::move(overtaken)) {}

void Worker::stop() noexcept {
  stopping_.store(true);
  std::shared_ptr<Backend> backend;
  {
    const std::lock_guard lock(mutex_);
    backend = backend_;
    wake_.notify_all();
    progress_.notify_all();
  }
  if (backend) backend->cancel();
}

bool Worker::overtake() noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (took_over_) return false;
    stopping_.store(true);
  }
  stop();
  return true;
}

bool Worker::finished() const {
  const std::lock_guard lock(mutex_);
  return finished_;
}

bool Worker::wait_finished(double timeout_ms) {
  std::unique_lock lock(mutex_);
  return progress_.wait_for(lock, Milliseconds(timeout_ms), [this] { return finished_; });
}

bool Worker::wait_settled(double timeout_ms) {
  std::unique_lock lock(mutex_);
  return progress_.wait_for(lock, Milliseconds(timeout_ms),
                            [this] { return settled_ || finished_; });
}

bool Worker::wait_idle(double timeout_ms) {
  std::unique_lock lock(mutex_);
  return progress_.wait_for(lock, Milliseconds(timeout_ms), [this] {
    if (idle()) return true;
    woken_ = true;
    wake_.notify_one();
    return finished_;
  });
}

bool Worker::idle() const {
  const auto stream = desk_->stage.newest();
  return stream == nullptr ||
         stream->answered() >= stream->grid().hops_ready(stream->ring().written());
}

double Worker::busy_ms() const {
  const int64_t since = busy_since_ns_.load();
  return since == 0 ? 0.0 : static_cast<double>(now_ns() - since) / 1e6;
}

void Worker::report_lost() {
  char text[96];
  std::snprintf(text, sizeof text,
                "the model has not answered for %.0f s; wait, or load it again", busy_ms() / 1000.0);
  desk_->report(load_, State::lost, text);
}

void Worker::run() {
  if (overtaken_) overtaken_->wait_finished(patience_ms);
  overtaken_.reset();
  wait_for_the_one_before();
  if (!stopping_) {
    const Status opened = guarded("load", [this] { return open(); });
    if (opened.ok()) {
      const Status served = guarded("play", [this] { return serve(); });
      if (!served.ok()) {
        desk_->stats.failed();
        desk_->report(load_, State::error, served.sentence + "; load it again");
      }
    } else if (!stopping_) {
      desk_->give_up(load_, opened, before_ != nullptr && before_->serving_, tried_);
    }
    serving_ = false;
  }
  before_.reset();
  close();
  const std::lock_guard lock(mutex_);
  finished_ = true;
  progress_.notify_all();
}

Status Worker::serve() {
  while (!stopping_) {
    follow_stream();
    const bool taken = take_answers();
    if (!answer_next() && !taken) pause();
  }
  return {};
}

void Worker::follow_stream() {
  auto newest = desk_->stage.newest();
  if (newest == stream_) return;
  stream_ = std::move(newest);
  const Grid& grid = stream_->grid();
  context_.emplace(grid, stream_->ring().channels());
  audio_.assign(stream_->plan().parts.size() * static_cast<size_t>(grid.hop_samples()), 0.0f);
  under_way_.clear();
  lead_.begin(desk_->thinking_ms());
  desk_->hear_clock(load_, {}, 0.0);
  needs_reset_ = true;
  const Status status = reset_backend();
  if (!status.ok()) desk_->report(load_, State::error, status.sentence);
}

bool Worker::answer_next() {
  if (!stream_) return false;
  const Grid& grid = stream_->grid();
  const int64_t hop = context_->hops();
  const int64_t ready = grid.hops_ready(stream_->ring().written());
  if (hop >= ready) return false;
  context_->advance(stream_->ring());
  const bool newest = hop + 1 == ready;
  const double waited_ms =
      1000.0 * static_cast<double>(stream_->ring().written() - grid.hop_ready_at(hop)) /
      grid.sample_rate;
  if (!newest && grid.slot(hop).end <= stream_->player().position()) {
    skip(hop);
  } else if (backend_->pipelined() != nullptr) {
    ask(hop, waited_ms);
  } else {
    answer(hop, waited_ms);
  }
  show_progress();
  return true;
}

void Worker::answer(int64_t hop, double waited_ms) {
  HopResult result = room();
  const auto asked = Clocked::now();
  const Status status = generate(request_of(hop), result);
  settle({.hop_id = hop, .status = status, .backend = {}}, result, {waited_ms, ms_since(asked)});
}

void Worker::ask(int64_t hop, double waited_ms) {
  Status status = reset_backend();
  if (stopping_) return;  // a cancel that came meanwhile was the reset's
  if (status.ok()) {
    under_way_.push_back({.hop = hop, .waited_ms = waited_ms, .asked = Clocked::now()});
    status = guarded("hop", [&] { return backend_->pipelined()->ask(request_of(hop)); });
    if (status.ok()) return;
    under_way_.pop_back();
  }
  fail(status);
}

bool Worker::take_answers() {
  bool taken = false;
  while (!under_way_.empty() && !stopping_) {
    HopResult result = room();
    std::optional<Answer> answer;
    const Status status = guarded("hop", [&] {
      answer = backend_->pipelined()->take(result);
      return Status{};
    });
    if (!status.ok()) {  // it lost count: whatever was asked for is not coming
      for (size_t i = 0; i < under_way_.size(); ++i) fail(status);
      under_way_.clear();
    } else {
      if (!answer) break;
      const auto found = std::ranges::find(under_way_, answer->hop_id, &UnderWay::hop);
      if (found == under_way_.end()) continue;
      const UnderWay asked = *found;
      under_way_.erase(found);
      settle(*answer, result, {asked.waited_ms, ms_since(asked.asked) - answer->held_ms});
    }
    show_progress();
    taken = true;
  }
  return taken;
}

void Worker::settle(const Answer& answer, const HopResult& result, const Took& took) {
  Status status = answer.status;
  if (status.ok() && !sane(result.audio)) {
    status = Status::failed("hop " + std::to_string(answer.hop_id) +
                            ": the model gave values that are not sound; try another model or seed");
  }
  if (status.code == StatusCode::late) {
    miss(status.sentence);
    return;
  }
  if (!status.ok()) {
    fail(status);
    return;
  }
  unanswered_ = 0;
  if (!answer.backend.empty()) desk_->played_by(load_, answer.backend);
  desk_->hear_clock(load_, result.heard,
                    stream_->heard_at(stream_->grid().heard(answer.hop_id).end));
  deliver(answer.hop_id, result.continuous, took);
}

HopRequest Worker::request_of(int64_t hop) const {
  const Grid& grid = stream_->grid();
  const Settings settings = desk_->settings_for(load_);
  const double moment = stream_->seconds_at(grid.slot(hop).begin);
  return {.hop_id = hop,
          .grid = grid,
          .channels = stream_->ring().channels(),
          .window = context_->window(),
          .slot = grid.slot(hop),
          .controls = make_controls(settings, desk_->clock.at(moment, settings.clock))};
}

HopResult Worker::room() {
  return {.audio = audio_, .parts = static_cast<int32_t>(stream_->plan().parts.size())};
}

Status Worker::generate(const HopRequest& request, HopResult& result) {
  Status status = reset_backend();
  if (!status.ok()) return status;
  if (stopping_) return Status::cancelled();  // a cancel that came meanwhile was the reset's
  const Busy busy(busy_since_ns_);
  return guarded("hop", [&] { return backend_->generate(request, result); });
}

Status Worker::reset_backend() {
  if (!needs_reset_) return {};
  const Busy busy(busy_since_ns_);
  const Status status = guarded("reset", [&] { return backend_->reset(stream_->plan()); });
  needs_reset_ = !status.ok();
  return status;
}

void Worker::deliver(int64_t hop, bool continuous, const Took& took) {
  const Grid& grid = stream_->grid();
  const int64_t deadline = grid.deadline(hop, stream_->fade_samples());
  const int64_t late_by = stream_->player().position() - deadline;
  const bool late = late_by > 0;
  if (!stream_->player().offer(grid.slot(hop), continuous, audio_)) desk_->stats.missed();
  desk_->stats.answered(took.waited_ms + took.thought_ms, late);
  if (late) {
    const double ms = 1000.0 * static_cast<double>(late_by) / grid.sample_rate;
    desk_->report(load_, State::late, words("hop %lld came %.1f ms late", hop, ms));
  } else {
    desk_->report(load_, State::ready);
  }
  watch_lead(took, late);
}

void Worker::skip(int64_t hop) {
  miss(words("hop %lld was skipped: no answer in the %.1f ms of its slot", hop,
             hop_ms(stream_->grid())));
}

// How long its answer would have taken nobody knows.
void Worker::miss(const std::string& why) {
  count_unanswered();
  desk_->stats.missed();
  desk_->report(load_, State::late, why);
  watch_lead(std::nullopt, true);
}

void Worker::fail(const Status& status) {
  if (stopping_) return;
  count_unanswered();
  desk_->stats.failed();
  desk_->stats.missed();
  desk_->report(load_, State::error, status.sentence);
}

// Nobody listens any more, and what was heard would run on for ever.
void Worker::count_unanswered() {
  if (++unanswered_ == forgetful_hops) desk_->hear_clock(load_, {}, 0.0);
}

void Worker::watch_lead(const std::optional<Took>& took, bool late) {
  if (desk_->settings().lead != automatic || stopping_) return;
  const Grid& grid = stream_->grid();
  const double frame_ms = 1000.0 * grid.frame_samples / grid.sample_rate;
  std::optional<double> latency_ms;
  // The host's vector is allowed for already.
  if (took) latency_ms = took->thought_ms + std::max(0.0, took->waited_ms - desk_->host_vector_ms());
  const auto changed = lead_.hop(latency_ms, late, frame_ms);
  if (changed) lead_.begin(desk_->allow(load_, *changed));
}

// A hop is done once it and all before it are.
void Worker::show_progress() {
  int64_t done = context_->hops();
  for (const UnderWay& one : under_way_) done = std::min(done, one.hop);
  stream_->set_answered(done);
  const std::lock_guard lock(mutex_);
  progress_.notify_all();
}

void Worker::pause() {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, Milliseconds(poll_ms), [this] { return woken_ || stopping_.load(); });
  woken_ = false;
}

void Worker::close() {
  if (!backend_) return;
  (void)guarded("close", [&] {
    backend_->close();
    return Status{};
  });
  const std::lock_guard lock(mutex_);
  backend_.reset();
}

}  // namespace sideman
