#include "backends/osc/tcp_stream.h"

namespace sideman::osc {

void TcpStream::connect(const asio::ip::tcp::endpoint& there, double now) {
  const double patience = state_ == State::connecting ? patience_seconds : again_seconds;
  if (state_ == State::open || now - began_ < patience) return;
  close();
  began_ = now;
  state_ = State::connecting;
  asio::error_code error;
  socket_.open(there.protocol(), error);
  if (error) {
    close();
    return;
  }
  socket_.async_connect(there, [this, mine = connection_](const asio::error_code& failed) {
    if (mine != connection_) return;
    if (failed) {
      close();
      return;
    }
    asio::error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    state_ = State::open;
    receive();
  });
}

void TcpStream::send(Bytes datagram) {
  if (state_ != State::open || waiting_.size() + 2 * datagram.size() + 2 > most_waiting) return;
  write_frame(waiting_, datagram);
  if (writing_.empty()) write();
}

void TcpStream::write() {
  writing_.swap(waiting_);
  asio::async_write(socket_, asio::buffer(writing_),
                    [this, mine = connection_](const asio::error_code& failed, size_t) {
                      if (mine != connection_) return;
                      writing_.clear();
                      if (failed) {
                        close();
                      } else if (!waiting_.empty()) {
                        write();
                      }
                    });
}

void TcpStream::receive() {
  socket_.async_read_some(
      asio::buffer(place_), [this, mine = connection_](const asio::error_code& failed, size_t size) {
        if (mine != connection_) return;
        if (failed || !frames_.take(Bytes(place_.data(), size), heard_)) {
          close();
        } else if (mine == connection_) {
          receive();
        }
      });
}

void TcpStream::close() {
  asio::error_code ignored;
  socket_.close(ignored);
  ++connection_;
  state_ = State::closed;
  frames_ = Unframer(datagram_bytes);
  waiting_.clear();
  writing_.clear();
}

}  // namespace sideman::osc
