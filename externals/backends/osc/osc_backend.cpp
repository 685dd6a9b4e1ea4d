#include "backends/osc/osc_backend.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "backends/osc/bodies.h"

namespace sideman {
namespace {

using osc::Bytes;
using Phase = osc::RemoteSession::Phase;

constexpr double answer_seconds = 3.0;  // for a server that is there to say anything
constexpr double open_seconds = 60.0;   // for a large model to be read

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

}  // namespace

std::shared_ptr<Backend> make_remote_backend(const Settings& settings) {
  return std::make_shared<OscBackend>(
      RemoteAddress{.host = settings.host.empty() ? "127.0.0.1" : settings.host,
                    .port = settings.port,
                    .token_file = settings.token});
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
           .format = "float32"};
  link_ = std::make_unique<osc::UdpLink>([this](Bytes datagram) { hear(datagram); },
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
    if (!session_) return Status::failed("remote: nothing is open; load the model");
    wish_.parts = joined(plan.parts);
    wish_.hop = plan.grid.hop_frames;
    wish_.lead = plan.grid.lead_frames;
    wish_.seed = plan.seed;
    session_->wish(wish_, now());
  }
  link_->wake();
  return wait_open(answer_seconds);
}

Status OscBackend::generate(const HopRequest& request, HopResult& result) {
  const Grid& grid = request.grid;
  const double asked = now();
  const double due = asked + seconds_of(grid, grid.lead_samples());
  const double useless = due + seconds_of(grid, grid.hop_samples());
  auto body = osc::write_heard(request, osc::SampleFormat::float32, due);
  std::unique_lock lock(mutex_);
  if (!session_) return Status::failed("remote: nothing is open; load the model");
  if (session_->phase() == Phase::refused) {
    return Status::failed("remote: " + place_of(address_) + " refused: " + session_->refusal());
  }
  if (session_->phase() != Phase::playing) return unanswered(session_->silence(now()));
  session_->send(request.hop_id, grid.heard(request.hop_id).begin, std::move(body), asked, useless);
  lock.unlock();
  link_->wake();
  lock.lock();
  const auto until = std::chrono::steady_clock::now() +
                     std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                         std::chrono::duration<double>(useless - now()));
  while (!cancelled_) {
    while (auto arrived = session_->arrived()) {
      if (arrived->hop != request.hop_id) continue;
      if (!arrived->error.empty()) return Status::failed("remote: " + arrived->error);
      return osc::read_played(arrived->body, result);
    }
    if (session_->phase() != Phase::playing) return unanswered(session_->silence(now()));
    if (changed_.wait_until(lock, until) == std::cv_status::timeout) {
      return unanswered(session_->silence(now()));
    }
  }
  return Status::cancelled();
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
  const double began = now();
  while (!cancelled_) {
    const Phase phase = session_->phase();
    if (phase == Phase::playing) return {};
    if (phase == Phase::refused) {
      return Status::unavailable("remote: " + place_of(address_) +
                                 " refused: " + session_->refusal());
    }
    const double patience = phase == Phase::opening ? open_seconds : seconds;
    if (now() - began > patience) return unanswered(now() - began);
    changed_.wait_for(lock, std::chrono::milliseconds(50));
  }
  return Status::cancelled();
}

Status OscBackend::read_token(std::string& token) const {
  if (address_.token_file.empty()) return {};
  std::ifstream file(address_.token_file, std::ios::binary);
  if (!file) {
    return Status::unavailable("remote: cannot read the token in " + address_.token_file +
                               "; copy the file that `sideman serve --new-token` made");
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

Status OscBackend::unanswered(double seconds) const {
  char text[64];
  std::snprintf(text, sizeof text, "no answer for %.1f s from ", seconds);
  return Status::unavailable("remote: " + std::string(text) + place_of(address_) +
                             "; is `sideman serve` running there, and does a firewall let UDP "
                             "through?");
}

}  // namespace sideman
