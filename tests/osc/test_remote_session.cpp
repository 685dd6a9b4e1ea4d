// A session with a server, without sockets or clocks: what it believes, and what it does not.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "backends/osc/pairs.h"
#include "backends/osc/remote_session.h"

using namespace sideman::osc;
using Phase = RemoteSession::Phase;

namespace {

const std::string token = "sixteen bytes or more";

std::vector<uint8_t> refusal(std::string_view why) {
  return PairWriter("/sideman/no").add("why", why).done();
}

// A client, and as much of a server as it meets.
struct Meeting {
  explicit Meeting(const std::string& known) : sealed(!known.empty()), client(known, keep()) {
    Wish wish;
    wish.model = "mini";
    client.wish(wish, now);
    pass(0.0);
  }

  RemoteSession::Send keep() {
    return [this](Bytes datagram) { said.emplace_back(datagram.begin(), datagram.end()); };
  }
  void pass(double seconds) {
    const double until = now + seconds;
    while (true) {
      const double wait = client.tick(now);
      if (now + wait >= until) break;
      now += wait;
    }
    now = until;
  }
  void hears(Bytes datagram) { client.receive(datagram, now); }

  std::vector<uint8_t> welcome() {
    PairWriter told("/sideman/welcome");
    told.add("version", int64_t{1}).add("session", ++session);
    std::optional<SessionKeys> keys;
    if (sealed) {
      Key theirs{};
      const auto hello = Pairs::of(said.back(), "/sideman/hello");
      REQUIRE(hello);
      std::ranges::copy(hello->blob("key"), theirs.begin());
      const Key secret = token_key(token);
      const KeyPair own = KeyPair::make();
      keys = session_keys(Side::server, own, theirs, secret, session);
      told.add("key", Bytes(own.open));
      told.add("proof", Bytes(welcome_proof(secret, theirs, own.open, session)));
    }
    channel.emplace(session, keys);
    return told.done();
  }
  void tells(Bytes message) {
    std::array<uint8_t, datagram_bytes> place;
    hears(channel->wrap(place, message));
  }
  void opens(int64_t sample_rate, int64_t frame_samples) {
    tells(PairWriter("/sideman/opened")
              .add("serial", ++serial)
              .add("name", std::string_view("mini"))
              .add("sample_rate", sample_rate)
              .add("frame_samples", frame_samples)
              .add("hops", std::string_view("4"))
              .add("most_lead", int64_t{8})
              .add("window_frames", int64_t{128})
              .done());
  }
  // How often it asks to open a stream; the server answers pings, and nothing else.
  int asks_in(double seconds) {
    int asks = 0;
    for (double spent = 0.0; spent < seconds; spent += 0.005) {
      const size_t before = said.size();
      pass(0.005);
      for (size_t i = before; i < said.size(); ++i) {
        const auto message = channel->receive(said[i], now);
        asks += message && address_of(*message) == "/sideman/open";
      }
      std::array<uint8_t, datagram_bytes> place;
      for (Bytes pong; !(pong = channel->next(place, now)).empty();) hears(pong);
    }
    return asks;
  }
  void leaves() {
    std::array<uint8_t, 64> place;
    tells(Writer(place, "/sideman/bye", "").done());
    --serial;  // the wish is the same
    pass(0.0);
  }

  const bool sealed;
  double now = 10.0;
  std::vector<std::vector<uint8_t>> said;
  RemoteSession client;
  std::optional<Channel> channel;
  int64_t session = 6, serial = 0;
};

}  // namespace

TEST_CASE("with a token a refusal that anybody may have sent does not keep the welcome out") {
  Meeting meeting(token);
  meeting.hears(refusal("go away"));
  CHECK(meeting.client.phase() == Phase::greeting);
  const size_t before = meeting.said.size();
  meeting.pass(0.5);
  CHECK(meeting.said.size() > before);  // it goes on saying hello
  meeting.hears(refusal("go away"));
  meeting.hears(meeting.welcome());
  CHECK(meeting.client.phase() == Phase::opening);
  meeting.hears(refusal("go away"));
  meeting.pass(1.1);
  CHECK(meeting.client.phase() == Phase::opening);
  meeting.opens(44100, 2048);
  CHECK(meeting.client.phase() == Phase::playing);
}

TEST_CASE("with a token a refusal is taken when a second after the first no welcome has come") {
  Meeting meeting(token);
  meeting.hears(refusal("the token is another one"));
  for (int i = 0; i < 9; ++i) {
    meeting.pass(0.1);
    meeting.hears(refusal("and more of that"));
    CHECK(meeting.client.phase() == Phase::greeting);
  }
  meeting.pass(0.3);
  CHECK(meeting.client.phase() == Phase::refused);
  CHECK(meeting.client.refusal() == "the token is another one");
  meeting.pass(5.2);  // it asks again, and the old refusal is forgotten
  CHECK(meeting.client.phase() == Phase::greeting);
}

TEST_CASE("without a token a refusal is taken at once") {
  Meeting meeting("");
  meeting.hears(refusal("a token is needed"));
  CHECK(meeting.client.phase() == Phase::refused);
  CHECK(meeting.client.refusal() == "a token is needed");
}

TEST_CASE("a model in other frames than the stream's, under the same name, is refused") {
  for (const auto& [sample_rate, frame_samples] :
       {std::pair{48000, 2048}, std::pair{44100, 4096}}) {
    Meeting meeting("");
    meeting.hears(meeting.welcome());
    meeting.opens(sample_rate, frame_samples);
    REQUIRE(meeting.client.phase() == Phase::playing);  // no stream counts yet
    Wish wish;
    wish.model = "mini";
    wish.sample_rate = 44100;
    wish.frame_samples = 2048;
    meeting.client.wish(wish, meeting.now);
    meeting.opens(44100, 2048);
    REQUIRE(meeting.client.phase() == Phase::playing);
    meeting.leaves();
    meeting.hears(meeting.welcome());
    meeting.opens(sample_rate, frame_samples);
    CHECK(meeting.client.phase() == Phase::refused);
    CHECK(meeting.client.refusal() == "model mini is another one there now; load it again");
    CHECK_FALSE(meeting.client.opened());
  }
}

TEST_CASE("to open a stream is asked a few times in a row, then slowly, as once it was heard") {
  Meeting meeting("");
  meeting.hears(meeting.welcome());
  CHECK(meeting.asks_in(0.3) >= 6);
  CHECK(meeting.asks_in(5.0) <= 20);
  Wish wish;
  wish.model = "mini";
  meeting.client.wish(wish, meeting.now);
  CHECK(meeting.asks_in(0.02) >= 1);
  meeting.tells(PairWriter("/sideman/opening").add("serial", int64_t{1}).done());  // of before
  CHECK(meeting.asks_in(0.1) >= 2);
  meeting.tells(PairWriter("/sideman/opening").add("serial", int64_t{2}).done());
  CHECK(meeting.asks_in(1.0) <= 5);
  meeting.serial = 1;
  meeting.opens(44100, 2048);
  CHECK(meeting.client.phase() == Phase::playing);
  CHECK(meeting.asks_in(1.0) == 0);
}

TEST_CASE("the same model on a server that came back plays on") {
  Meeting meeting("");
  meeting.hears(meeting.welcome());
  meeting.opens(44100, 2048);
  meeting.leaves();
  CHECK(meeting.client.phase() == Phase::greeting);
  meeting.hears(meeting.welcome());
  meeting.opens(44100, 2048);
  CHECK(meeting.client.phase() == Phase::playing);
}
