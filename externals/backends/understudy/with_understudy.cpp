#include "backends/understudy/with_understudy.h"

#include <algorithm>
#include <utility>

#include "core/guarded.h"
#include "core/lead_keeper.h"

namespace sideman {
namespace {

using Clocked = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr size_t remembered = 32;
constexpr double handing_over_ms = 5.0;   // for what is still to be done before an answer is due
constexpr double thinking_ms = 100.0;     // that a stand-in may well need

Clocked::duration milliseconds(double ms) {
  return std::chrono::duration_cast<Clocked::duration>(Milliseconds(ms));
}

double lead_ms(const Grid& grid) { return 1000.0 * grid.lead_samples() / grid.sample_rate; }

// The latest moment to call a stand-in, from when a hop was asked for whose answer is due after due_ms.
double latest_ms(double due_ms) { return std::max(due_ms / 2, due_ms - thinking_ms); }

}  // namespace

WithUnderstudy::WithUnderstudy(std::shared_ptr<Backend> server, std::shared_ptr<Backend> stand_in,
                               ConsoleLine console)
    : server_(std::move(server)),
      console_(std::move(console)),
      understudy_(std::move(stand_in)) {}

Status WithUnderstudy::open(const OpenRequest& request, ModelInfo& info) {
  OpenRequest here = request;
  here.device = "auto";  // what was asked for is the server's, and may not be in this machine
  understudy_.open(here);  // first: a server that is not there takes its time
  const Status status = guarded("remote", [&] { return server_->open(request, info); });
  to_the_end_ = request.to_the_end;
  can_make_room_ = request.can_make_room;
  if (status.code == StatusCode::cancelled || leaves_for_me(status)) return status;
  server_opened_ = well_ = status.ok();
  if (server_opened_) return {};
  console_(status.sentence + "; the embedded Python plays instead");
  return understudy_.opened(info);
}

Status WithUnderstudy::reset(const StreamPlan& plan) {
  under_way_.clear();
  last_who_ = Who::nobody;
  ready_ms_ = plan.ready_ms + handing_over_ms;
  overdue_ms_ = latest_ms(due_ms(plan.grid));
  understudy_.reset(plan);
  (void)server_->reset(plan);  // it may be away
  return {};
}

double WithUnderstudy::due_ms(const Grid& grid) const {
  return std::max(0.0, lead_ms(grid) - ready_ms_);
}

// Whoever plays now leaves where the server has no room for both: then it is asked again.
bool WithUnderstudy::leaves_for_me(const Status& status) {
  return status.code == StatusCode::busy && std::exchange(can_make_room_, false);
}

// A server that opened and does not play is one that is not there; but a sound that is rendered shall
// not be another instrument's from the middle on.
Status WithUnderstudy::generate(const HopRequest& request, HopResult& result) {
  if (server_opened_) {
    const Status status = guarded("remote", [&] { return server_->generate(request, result); });
    if (status.ok() || status.code == StatusCode::cancelled || leaves_for_me(status)) return status;
    if (to_the_end_ && request.hop_id > 0) return status;
    server_opened_ = well_ = false;
    console_(status.sentence + "; the embedded Python plays instead");
  }
  return understudy_.generate(request, result);
}

void WithUnderstudy::close() {
  understudy_.close();
  server_->close();
}

void WithUnderstudy::cancel() noexcept {
  understudy_.cancel();
  server_->cancel();
}

Status WithUnderstudy::ask(const HopRequest& request) {
  UnderWay hop{.request = request,
               .window = {request.window.begin(), request.window.end()},
               .asked = Clocked::now(),
               .due = Clocked::now() + milliseconds(due_ms(request.grid)),
               .ready = {},
               .why = {},
               .audio = {},
               .heard = {}};
  hop.why = guarded("remote", [&] { return server_->pipelined()->ask(request); });
  hop.server_asked = hop.why.ok();
  if (!hop.server_asked) well_ = false;
  under_way_.push_back(std::move(hop));
  if (!well_) call_stand_in(under_way_.back());
  return {};
}

std::optional<Answer> WithUnderstudy::take(HopResult& result) {
  tell_of_stand_in();
  if (auto answer = from_server(result)) return answer;
  watch(Clocked::now());
  hear_stand_in(result);
  return from_stand_in(result);
}

std::optional<Answer> WithUnderstudy::from_server(HopResult& result) {
  while (auto answer = server_->pipelined()->take(result)) {
    UnderWay* hop = find(answer->hop_id);
    if (hop == nullptr) {  // the stand-in has played it, but the server is back
      well_ = well_ || answer->status.ok();
      continue;
    }
    hop->server_asked = false;
    if (answer->status.ok()) {
      usual_ms_.push_back(Milliseconds(Clocked::now() - hop->asked).count());
      if (usual_ms_.size() > remembered) usual_ms_.erase(usual_ms_.begin());
      overdue_ms_ = std::min(allowance_ms(usual_ms_, spare_in_play), latest_ms(due_ms(hop->request.grid)));
      well_ = true;
      return deliver(answer->hop_id, Who::server, result);
    }
    hop->why = answer->status;
    well_ = false;
    call_stand_in(*hop);
  }
  return std::nullopt;
}

// Calls the stand-in for what the server should have answered by now.
void WithUnderstudy::watch(Moment now) {
  for (UnderWay& hop : under_way_) {
    if (!hop.server_asked || hop.stand_in != Stands::idle) continue;
    if (well_ && Milliseconds(now - hop.asked).count() <= overdue_ms_) continue;
    well_ = false;
    call_stand_in(hop);
  }
}

void WithUnderstudy::call_stand_in(UnderWay& hop) {
  if (hop.stand_in != Stands::idle) return;
  hop.request.window = hop.window;
  hop.stand_in = understudy_.ask(hop.request) ? Stands::asked : Stands::failed;
}

// Before it is needed: on stage it is too late to hear of it.
void WithUnderstudy::tell_of_stand_in() {
  if (understudy_.readiness() == Understudy::Readiness::opening) return;
  const std::string reason = understudy_.reason();
  if (reason == unable_) return;
  unable_ = reason;
  if (!reason.empty()) console_("nobody stands in for the server: " + reason);
}

void WithUnderstudy::hear_stand_in(HopResult& result) {
  while (const auto answer = understudy_.take(result)) {
    UnderWay* hop = find(answer->hop_id);
    if (hop == nullptr) continue;
    hop->stand_in = answer->status.ok() ? Stands::ready : Stands::failed;
    hop->ready = Clocked::now();
    if (!answer->status.ok()) {
      if (hop->why.ok()) hop->why = answer->status;
      continue;
    }
    hop->audio.assign(result.audio.begin(), result.audio.end());
    hop->continuous = result.continuous;
    hop->heard = result.heard;
  }
}

std::optional<Answer> WithUnderstudy::from_stand_in(HopResult& result) {
  const Moment now = Clocked::now();
  for (UnderWay& hop : under_way_) {
    if (hop.stand_in == Stands::ready && (!hop.server_asked || now >= hop.due)) {
      std::ranges::copy(hop.audio, result.audio.begin());
      result.continuous = hop.continuous;
      result.heard = hop.heard;
      const double held_ms = Milliseconds(now - hop.ready).count();
      Answer answer = deliver(hop.request.hop_id, Who::stand_in, result);
      answer.held_ms = std::max(0.0, held_ms);
      return answer;
    }
    const bool lost = hop.stand_in == Stands::failed || hop.stand_in == Stands::idle;
    if (lost && !hop.server_asked) {
      Answer answer{.hop_id = hop.request.hop_id, .status = hop.why, .backend = {}, .held_ms = 0.0};
      forget(answer.hop_id);
      return answer;
    }
  }
  return std::nullopt;
}

Answer WithUnderstudy::deliver(int64_t hop, Who who, HopResult& result) {
  if (who != last_who_ || hop != last_hop_ + 1) result.continuous = false;
  if (who == Who::stand_in && last_who_ == Who::server) {
    const UnderWay* asked = find(hop);
    const std::string why = asked == nullptr || asked->why.ok() ? "the server does not answer in time"
                                                                : asked->why.sentence;
    say_once(why + "; the embedded Python plays on");
  } else if (who == Who::server && last_who_ == Who::stand_in) {
    say_once("the server plays again");
  }
  last_who_ = who;
  last_hop_ = hop;
  forget(hop);
  return {.hop_id = hop,
          .status = {},
          .backend = who == Who::server ? std::string("remote") : std::string("embedded")};
}

void WithUnderstudy::say_once(const std::string& line) {
  if (line == said_) return;
  said_ = line;
  console_(line);
}

WithUnderstudy::UnderWay* WithUnderstudy::find(int64_t hop) {
  const auto found = std::ranges::find_if(
      under_way_, [hop](const UnderWay& one) { return one.request.hop_id == hop; });
  return found == under_way_.end() ? nullptr : &*found;
}

void WithUnderstudy::forget(int64_t hop) {
  std::erase_if(under_way_, [hop](const UnderWay& one) { return one.request.hop_id == hop; });
}

}  // namespace sideman
