#include "backends/osc/osc_backend.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "backends/osc/bodies.h"
#include "core/paths.h"

namespace sideman {
namespace {

using osc::Bytes;
using Phase = osc::RemoteSession::Phase;

constexpr double answer_seconds = 3.0;     // for a server that is there to say anything
constexpr double stand_in_seconds = 20.0;  // to open a model, where another can play meanwhile
constexpr double hop_seconds = 60.0;       // for a hop that nobody waits for in time
constexpr double stall_seconds = 1.2;      // two pings and a little: more is no stall any more

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string place_of(const RemoteAddress& address) {
  return address.host + " port " + std::to_string(address.port);
}

double seconds_of(const Grid& grid, int64_t samples) {
  return static_cast<double>(samples) / grid.sample_rate;
}

std::string no_answer(double seconds) {
  char text[64];
  std::snprintf(text, sizeof text, "no answer for %.1f s from ", seconds);
  return text;
}

Status nothing_open() { return Status::failed("remote: nothing is open; load the model"); }

}  // namespace

std::shared_ptr<Backend> make_remote_backend(const Settings& settings, bool has_stand_in) {
  RemoteAddress address{.host = settings.host.empty() ? "127.0.0.1" : settings.host,
                        .port = settings.port,
                        .token_file = settings.token};
  if (has_stand_in) address.open_seconds = stand_in_seconds;
  return std::make_shared<OscBackend>(std::move(address));
}

OscBackend::OscBackend(RemoteAddress address) : address_(std::move(address)) {}

OscBackend::~OscBackend() { close(); }

Status OscBackend::open(const OpenRequest& request, ModelInfo& info) {
  std::string token;
  if (Status status = read_token(token); !status.ok()) return status;
  wish_ = {.model = request.model,
           .parts = joined(request.parts),
           .device = request.device,
           .hop = -1,
           .lead = -1,
           .seed = 0,
           .sample_rate = 0,
           .frame_samples = 0};
  link_ = std::make_unique<osc::Link>([this](Bytes datagram) { hear(datagram); },
                                         [this] { return tick(); });
  {
    const std::lock_guard lock(mutex_);
    session_.emplace(token, [this](Bytes datagram) { link_->send(datagram); });
    session_->wish(wish_, now());
  }
  Status status = link_->connect(address_.host, address_.port);
  if (status.ok()) status = wait_open(answer_seconds);
  if (!status.ok()) return status;
  const std::lock_guard lock(mutex_);
  if (!session_->opened()) return unanswered(session_->silence(now()));
  info = *session_->opened();
  return {};
}

void OscBackend::hear(Bytes datagram) {
  const std::lock_guard lock(mutex_);
  session_->receive(datagram, now());
  changed_.notify_all();
}

double OscBackend::tick() {
  const std::lock_guard lock(mutex_);
  const Phase before = session_->phase();
  const double seconds = session_->tick(now());
  if (before != session_->phase()) changed_.notify_all();
  return seconds;
}

Status OscBackend::reset(const StreamPlan& plan) {
  {
    const std::lock_guard lock(mutex_);
    if (!session_) return nothing_open();
    wish_.parts = joined(plan.parts);
    wish_.hop = plan.grid.hop_frames;
    wish_.lead = plan.grid.lead_frames;
    wish_.seed = plan.seed;
    wish_.sample_rate = plan.grid.sample_rate;
    wish_.frame_samples = plan.grid.frame_samples;
    asked_.clear();
    session_->wish(wish_, now());
  }
  link_->wake();
  return {};
}

// One hop, however long it takes as long as the server is there: to measure the way, and to render.
Status OscBackend::generate(const HopRequest& request, HopResult& result) {
  if (Status status = wait_open(answer_seconds); !status.ok()) return status;
  const double began = now();
  const double useless = began + hop_seconds;
  const Asked asked{.hop = request.hop_id, .asked = began, .due = useless, .useless = useless};
  Status status = send(request, asked);
  if (!status.ok()) return status;
  const auto beginnings = [this] {
    const std::lock_guard lock(mutex_);
    return session_->beginnings();
  };
  const int64_t asked_in = beginnings();
  while (true) {
    const auto answer = now() < useless ? take(result) : std::nullopt;
    std::unique_lock lock(mutex_);
    if (cancelled_) return Status::cancelled();
    if (answer) {
      // A way that needs two hops for one will never keep up.
      const double hop = seconds_of(request.grid, request.grid.hop_samples());
      if (answer->status.ok() && now() - began > 2 * hop) format_.narrow();
      return answer->status;
    }
    const double silence = session_->silence(now());
    if (silence > answer_seconds || session_->beginnings() != asked_in || now() > useless) {
      asked_.clear();
      if (silence > answer_seconds) return unanswered(silence);
      return Status::unavailable("remote: " + place_of(address_) +
                                 (now() > useless ? " has not answered a hop for a minute"
                                                  : " went away and came back meanwhile") +
                                 "; try again");
    }
    if (!session_->has_arrived()) changed_.wait_for(lock, std::chrono::milliseconds(20));
  }
}

Status OscBackend::ask(const HopRequest& request) {
  const Grid& grid = request.grid;
  const double asked = now();
  const double due = asked + seconds_of(grid, grid.lead_samples());
  return send(request, {.hop = request.hop_id,
                        .asked = asked,
                        .due = due,
                        .useless = due + seconds_of(grid, grid.hop_samples())});
}

Status OscBackend::send(const HopRequest& request, Asked asked) {
  osc::SampleFormat format;
  {
    const std::lock_guard lock(mutex_);
    if (Status status = cannot_ask(); !status.ok()) return status;
    format = format_.format();
  }
  auto body = osc::write_heard(request, format, asked.due);
  {
    const std::lock_guard lock(mutex_);
    session_->send(asked.hop, request.grid.heard(asked.hop).begin, std::move(body), now(),
                   asked.useless);
    asked.held = session_->phase() != Phase::playing;
    if (asked_.empty()) quiet_since_ = asked.asked;  // nobody waited for anything until now
    asked_.push_back(asked);
  }
  link_->wake();
  return {};
}

Status OscBackend::cannot_ask() const {
  if (!session_) return nothing_open();
  switch (session_->phase()) {
    case Phase::refused: return refused();
    case Phase::greeting:
      if (!session_->refusal().empty()) return refused();
      return unanswered(session_->silence(now()));
    case Phase::opening:
    case Phase::playing: return {};
  }
  return {};
}

std::optional<Answer> OscBackend::take(HopResult& result) {
  const std::lock_guard lock(mutex_);
  if (!session_) return std::nullopt;
  while (auto arrived = session_->arrived()) {
    if (auto answer = answer_of(std::move(*arrived), result)) return answer;
  }
  if (asked_.empty()) return std::nullopt;
  const Asked oldest = asked_.front();
  Status why = cannot_ask();
  if (why.ok()) {
    if (now() < oldest.useless) return std::nullopt;
    why = lost(oldest);
  }
  asked_.erase(asked_.begin());
  return Answer{.hop_id = oldest.hop, .status = std::move(why), .backend = {}, .held_ms = 0.0};
}

// Why a hop was not answered while it was of use.
Status OscBackend::lost(const Asked& asked) {
  const double silence = session_->silence(now());
  if (asked.held && silence < answer_seconds) {
    return Status::unavailable("remote: " + place_of(address_) +
                               " opens the model; it plays as soon as it can");
  }
  if (silence >= stall_seconds) return unanswered(silence);
  const double idle = now() - quiet_since_;
  if (idle >= std::max(stall_seconds, 2 * (asked.useless - asked.asked))) return hanging(idle);
  if (silence >= asked.useless - asked.due) {
    return Status::unavailable("remote: " + no_answer(silence) + place_of(address_) +
                               "; hops are lost while it, or the network, is busy");
  }
  format_.hop(false);
  return Status::late("remote: the answers of " + place_of(address_) +
                      " take longer than lead and hop; set a longer lead, or auto");
}

// Empty for what nobody waits for any more.
std::optional<Answer> OscBackend::answer_of(osc::Arrived arrived, HopResult& result) {
  quiet_since_ = now();
  const auto found = std::ranges::find(asked_, arrived.hop, &Asked::hop);
  if (found == asked_.end()) return std::nullopt;
  if (!found->held) format_.hop(now() <= found->due);
  asked_.erase(found);
  Status status = arrived.error.empty() ? osc::read_played(arrived.body, result)
                                        : Status::failed("remote: " + arrived.error);
  return Answer{.hop_id = arrived.hop, .status = std::move(status), .backend = {}, .held_ms = 0.0};
}

void OscBackend::close() {
  if (!link_) return;
  link_->close([this] {
    const std::lock_guard lock(mutex_);
    if (session_) session_->goodbye();
  });
  const std::lock_guard lock(mutex_);
  session_.reset();
  link_.reset();
}

void OscBackend::cancel() noexcept {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  changed_.notify_all();
}

// Until the stream is open: as long as the server answers at all, a large model may take its time.
Status OscBackend::wait_open(double seconds) {
  std::unique_lock lock(mutex_);
  if (!session_) return nothing_open();
  const double began = now();
  while (!cancelled_) {
    const Phase phase = session_->phase();
    if (phase == Phase::playing) return {};
    if (phase == Phase::refused) return refused();
    const bool opening = phase == Phase::opening;
    if (now() - began > (opening ? address_.open_seconds : seconds)) {
      if (opening) return still_opening();
      return session_->refusal().empty() ? unanswered(now() - began) : refused();
    }
    changed_.wait_for(lock, std::chrono::milliseconds(50));
  }
  return Status::cancelled();
}

Status OscBackend::read_token(std::string& token) const {
  if (address_.token_file.empty()) return {};
  const std::filesystem::path path = path_as_typed(address_.token_file);
  std::error_code failed;
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path, failed)) {
    return Status::unavailable("remote: cannot read the token in " + path_to_utf8(path) +
                               "; give the whole path of the file that `sideman serve --new-token` made");
  }
  token.assign(std::istreambuf_iterator<char>(file), {});
  const auto last = token.find_last_not_of(" \t\r\n");
  token.resize(last == std::string::npos ? 0 : last + 1);
  if (token.size() < osc::least_token_bytes) {
    return Status::unavailable("remote: " + address_.token_file +
                               " holds no token; make one by: sideman serve --new-token FILE");
  }
  return {};
}

// A server with no room for one more says so by its first word.
Status OscBackend::refused() const {
  const std::string& why = session_->refusal();
  const std::string sentence = "remote: " + place_of(address_) + " refused: " + why;
  return why.starts_with("busy") ? Status::busy(sentence) : Status::unavailable(sentence);
}

Status OscBackend::hanging(double seconds) const {
  char text[96];
  std::snprintf(text, sizeof text, " is there, and has answered no hop for %.1f s; wait, or load it again",
                seconds);
  return Status::unavailable("remote: " + place_of(address_) + text);
}

Status OscBackend::still_opening() const {
  char text[64];
  std::snprintf(text, sizeof text, " still opens the model after %.0f s", address_.open_seconds);
  return Status::unavailable("remote: " + place_of(address_) + text +
                             "; it may be ready when you load it again");
}

Status OscBackend::unanswered(double seconds) const {
  return Status::unavailable("remote: " + no_answer(seconds) + place_of(address_) +
                             "; is `sideman serve` running there, and does a firewall let this "
                             "port through, by UDP or TCP?");
}

}  // namespace sideman
