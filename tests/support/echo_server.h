#pragma once
// A server that plays what it hears, in this process: as much of docs/protocol.md as one plain guest
// needs, so that the client can be tried under sanitizers.

#include <algorithm>
#include <array>
#include <asio.hpp>
#include <atomic>
#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "backends/osc/channel.h"
#include "backends/osc/pairs.h"

namespace sideman::test {

class EchoServer {
 public:
  explicit EchoServer(int port = 0)
      : socket_(io_, {asio::ip::make_address("127.0.0.1"), static_cast<asio::ip::port_type>(port)}) {
    port_ = socket_.local_endpoint().port();
    thread_ = std::thread([this] { run(); });
  }
  ~EchoServer() {
    stopping_ = true;
    thread_.join();
  }

  int port() const { return port_; }
  std::atomic<bool> refuses{false};  // to open anything
  std::atomic<bool> understands{true};  // what is asked for
  std::atomic<int> reads_ms{0};      // before it opens a model; it says so meanwhile
  std::atomic<int64_t> window_frames{128};
  std::atomic<bool> mute{false};     // answers no hop
  std::atomic<int> thinks_ms{0};     // before it answers one; others come in meanwhile
  std::atomic<int> most_waiting{0};  // hops for their answers, at one time

 private:
  void run() {
    socket_.non_blocking(true);
    while (!stopping_) {
      std::array<uint8_t, 2048> place;
      asio::ip::udp::endpoint from;
      asio::error_code error;
      const size_t size = socket_.receive_from(asio::buffer(place), from, 0, error);
      if (!error) hear({place.data(), size}, from);
      answer();
      if (channel_) flush();
      if (error) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  static double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }

  void hear(osc::Bytes datagram, const asio::ip::udp::endpoint& from) {
    if (osc::address_of(datagram) == "/sideman/hello") {
      guest_ = from;
      channel_.emplace(++session_, std::nullopt);
      send(osc::PairWriter("/sideman/welcome").add("version", int64_t{1}).add("session", session_)
               .done());
      return;
    }
    if (!channel_) return;
    if (const auto message = channel_->receive(datagram, now())) open(*message);
    while (auto body = channel_->collect()) {
      waiting_.push_back({now() + thinks_ms / 1000.0, std::move(*body)});
      most_waiting = std::max(most_waiting.load(), static_cast<int>(waiting_.size()));
    }
  }

  void open(osc::Bytes message) {
    const auto told = osc::Pairs::of(message, "/sideman/open");
    if (!told) return;
    const int64_t serial = told->integer("serial");
    if (!understands) {
      say(osc::PairWriter("/sideman/error").add("hop", int64_t{-1})
              .add("why", std::string_view("hop: give 1 to 64")).done());
      return;
    }
    if (refuses) {
      say(osc::PairWriter("/sideman/refused").add("serial", serial)
              .add("why", std::string_view("busy: try later")).done());
      return;
    }
    if (asked_at_ < 0.0) asked_at_ = now();
    if (now() - asked_at_ < reads_ms / 1000.0) {
      say(osc::PairWriter("/sideman/opening").add("serial", serial).done());
      return;
    }
    asked_at_ = -1.0;
    const int64_t hop = std::max<int64_t>(1, told->integer("hop"));
    say(osc::PairWriter("/sideman/opened")
            .add("serial", serial)
            .add("name", std::string_view("echo"))
            .add("sample_rate", int64_t{44100})
            .add("frame_samples", int64_t{2048})
            .add("hops", std::string_view("1 2 4"))
            .add("lead_frames", int64_t{3})
            .add("least_lead", int64_t{1})
            .add("most_lead", int64_t{64})
            .add("window_frames", window_frames.load())
            .add("hop", hop)
            .add("lead", int64_t{3})
            .done());
  }

  void answer() {
    while (channel_ && !waiting_.empty() && waiting_.front().first <= now()) {
      echo(waiting_.front().second);
      waiting_.pop_front();
    }
  }

  void echo(const osc::Body& body) {
    const auto heard = osc::Pairs::of(body.bytes, "/sideman/heard");
    if (!heard || mute) return;
    channel_->send(body.hop, body.position,
                   osc::PairWriter("/sideman/played")
                       .add("format", heard->text("format"))
                       .add("rows", int64_t{1})
                       .add("audio", heard->blob("audio"))
                       .done(),
                   now(), now() + 1.0);
  }

  void flush() {
    std::array<uint8_t, osc::datagram_bytes> place;
    while (true) {
      const osc::Bytes datagram = channel_->next(place, now());
      if (datagram.empty()) return;
      send(datagram);
    }
  }

  void say(osc::Bytes message) {
    std::array<uint8_t, osc::datagram_bytes> place;
    send(channel_->wrap(place, message));
  }

  void send(osc::Bytes datagram) {
    asio::error_code ignored;
    socket_.send_to(asio::buffer(datagram.data(), datagram.size()), guest_, 0, ignored);
  }

  asio::io_context io_;
  asio::ip::udp::socket socket_;
  asio::ip::udp::endpoint guest_;
  std::optional<osc::Channel> channel_;
  std::deque<std::pair<double, osc::Body>> waiting_;
  int64_t session_ = 0;
  double asked_at_ = -1.0;  // to open what is not open yet
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace sideman::test
