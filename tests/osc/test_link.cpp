// The way to a server: UDP where it answers, TCP where it does not.
#include <doctest/doctest.h>

#include <array>
#include <asio.hpp>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "backends/osc/link.h"
#include "backends/osc/slip.h"

using namespace sideman::osc;
using asio::ip::tcp;
using asio::ip::udp;

namespace {

const auto loopback = asio::ip::make_address("127.0.0.1");
constexpr uint8_t by_udp = 'u', by_tcp = 't';

// Answers every datagram with one byte that says by which way it came.
class Answering {
 public:
  Answering(bool udp_too, uint16_t port = 0) : acceptor_(io_, {loopback, port}), socket_(io_) {
    if (udp_too) {
      socket_.open(udp::v4());
      socket_.bind({loopback, this->port()});
      hear();
    }
    accept();
    thread_ = std::thread([this] { io_.run(); });
  }
  ~Answering() {
    io_.stop();
    thread_.join();
  }

  uint16_t port() const { return acceptor_.local_endpoint().port(); }
  int connections() const { return connections_; }
  // The connections of now stay open and are not answered any more: as when a cable is pulled.
  void fall_silent() { mute_until_ = connections_.load(); }

 private:
  struct Guest {
    explicit Guest(tcp::socket of) : socket(std::move(of)) {}
    tcp::socket socket;
    int number = 0;
    Unframer frames{1400};
    std::array<uint8_t, 512> place{};
  };

  void hear() {
    socket_.async_receive_from(asio::buffer(place_), from_, [this](asio::error_code error, size_t) {
      if (error) return;
      socket_.send_to(asio::buffer(&by_udp, 1), from_);
      hear();
    });
  }

  void accept() {
    acceptor_.async_accept([this](asio::error_code error, tcp::socket socket) {
      if (error) return;
      auto guest = std::make_shared<Guest>(std::move(socket));
      guest->number = ++connections_;
      read(std::move(guest));
      accept();
    });
  }

  void read(std::shared_ptr<Guest> guest) {
    guest->socket.async_read_some(
        asio::buffer(guest->place), [this, guest](asio::error_code error, size_t size) {
          if (error) return;
          guest->frames.take(Bytes(guest->place.data(), size), [&](Bytes) {
            if (guest->number <= mute_until_) return;
            std::vector<uint8_t> answer;
            write_frame(answer, Bytes(&by_tcp, 1));
            asio::write(guest->socket, asio::buffer(answer), error);
          });
          read(guest);
        });
  }

  asio::io_context io_;
  tcp::acceptor acceptor_;
  udp::socket socket_;
  udp::endpoint from_;
  std::array<uint8_t, 512> place_{};
  std::atomic<int> connections_ = 0;
  std::atomic<int> mute_until_ = 0;
  std::thread thread_;
};

// Says something every 20 ms and notes how the answers came.
class Speaking {
 public:
  Speaking()
      : link_([this](Bytes datagram) { heard_ += static_cast<char>(datagram[0]); last_ = heard_.back(); },
              [this] {
                const auto now = std::chrono::steady_clock::now();
                if (now - said_ > std::chrono::milliseconds(15)) {
                  said_ = now;
                  link_.send(std::array<uint8_t, 3>{1, 0xC0, 2});
                }
                return 0.02;
              }) {}
  ~Speaking() { link_.close(); }

  bool connect(const std::string& host, int port) { return link_.connect(host, port).ok(); }
  void forget() { last_ = 0; }
  bool hears(char way, double seconds) {
    for (int i = 0; i < seconds / 0.01; ++i) {
      if (last_ == way) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

 private:
  std::string heard_;
  std::chrono::steady_clock::time_point said_{};
  std::atomic<char> last_ = 0;
  Link link_;
};

}  // namespace

TEST_CASE("where UDP is answered nothing goes by TCP") {
  Answering server(true);
  Speaking speaking;
  REQUIRE(speaking.connect("127.0.0.1", server.port()));
  CHECK(speaking.hears(by_udp, 5.0));
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  CHECK(server.connections() == 0);
}

TEST_CASE("where UDP is not answered TCP is the way") {
  Answering server(false);
  Speaking speaking;
  REQUIRE(speaking.connect("127.0.0.1", server.port()));
  CHECK(speaking.hears(by_tcp, 5.0));
  CHECK(server.connections() == 1);
}

TEST_CASE("a way that falls silent is found again, by the other one too") {
  auto server = std::make_unique<Answering>(false);
  const uint16_t port = server->port();
  Speaking speaking;
  REQUIRE(speaking.connect("127.0.0.1", port));
  REQUIRE(speaking.hears(by_tcp, 5.0));
  server.reset();
  server = std::make_unique<Answering>(true, port);
  CHECK(speaking.hears(by_udp, 10.0));
}

TEST_CASE("a connection that died without a word is given up for a new one") {
  Answering server(false);
  Speaking speaking;
  REQUIRE(speaking.connect("127.0.0.1", server.port()));
  REQUIRE(speaking.hears(by_tcp, 5.0));
  server.fall_silent();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  speaking.forget();
  CHECK(speaking.hears(by_tcp, 12.0));
  CHECK(server.connections() == 2);
}

TEST_CASE("a host of two addresses is found at the one where the server is") {
  Answering server(true);
  Speaking speaking;
  REQUIRE(speaking.connect("localhost", server.port()));
  CHECK(speaking.hears(by_udp, 5.0));
}

TEST_CASE("a host that nobody knows is told at once, and looked for until the link is closed") {
  std::atomic<int> ticks = 0;
  Link link([](Bytes) {}, [&] { ++ticks; return 0.02; });
  const sideman::Status status = link.connect("nobody.invalid", 7770);
  CHECK(status.sentence.find("no machine of the name nobody.invalid") != std::string::npos);
  for (int i = 0; i < 500 && ticks < 5; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  CHECK(ticks >= 5);
  link.close();
}
