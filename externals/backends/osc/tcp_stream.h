#pragma once
// Datagrams through TCP to a server, for networks that let no UDP pass. On the thread of its
// io_context alone; nothing waits. What does not fit is lost, as on any way.

#include <array>
#include <asio.hpp>
#include <functional>
#include <vector>

#include "backends/osc/fragment.h"
#include "backends/osc/slip.h"

namespace sideman::osc {

class TcpStream {
 public:
  // heard: a datagram, valid during the call.
  TcpStream(asio::io_context& io, std::function<void(Bytes)> heard)
      : socket_(io), heard_(std::move(heard)) {}

  // Begins to connect; nothing where it is connected, or tried a moment ago. now: seconds.
  void connect(const asio::ip::tcp::endpoint& there, double now);
  bool is_open() const { return state_ == State::open; }
  // When the newest connection began.
  double began() const { return began_; }
  void send(Bytes datagram);
  void close();

 private:
  enum class State { closed, connecting, open };
  static constexpr size_t most_waiting = 1u << 20;
  static constexpr double again_seconds = 1.0;
  static constexpr double patience_seconds = 3.0;  // for a connection to come about

  void receive();
  void write();

  asio::ip::tcp::socket socket_;
  std::function<void(Bytes)> heard_;
  State state_ = State::closed;
  int connection_ = 0;  // handlers of an earlier one do nothing
  double began_ = -again_seconds;
  Unframer frames_{datagram_bytes};
  std::array<uint8_t, 16384> place_{};
  std::vector<uint8_t> waiting_;
  std::vector<uint8_t> writing_;
};

}  // namespace sideman::osc
