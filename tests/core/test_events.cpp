#include <doctest/doctest.h>

#include <cstring>

#include "core/events.h"

using namespace sideman;

TEST_CASE("one status event per change of state") {
  Events events;
  events.set_state(State::loading);
  events.set_state(State::ready, "first");
  events.set_state(State::ready, "second");
  CHECK(events.take()->state == State::loading);
  const auto ready = events.take();
  CHECK(ready->state == State::ready);
  CHECK(ready->text == "first");
  CHECK_FALSE(events.take());
}

TEST_CASE("a host that does not poll loses the oldest lines only") {
  Events events;
  for (int i = 0; i < 600; ++i) events.say(Event::Kind::console, std::to_string(i));
  CHECK(events.take()->text == "88");
}

TEST_CASE("waiting for a load ends with its outcome, or in time") {
  Events events;
  events.set_state(State::loading);
  CHECK_FALSE(events.wait_loaded(1.0));
  events.set_state(State::error);
  CHECK(events.wait_loaded(1.0));
}

TEST_CASE("every state has its word") {
  CHECK(std::strcmp(to_word(State::idle), "idle") == 0);
  CHECK(std::strcmp(to_word(State::loading), "loading") == 0);
  CHECK(std::strcmp(to_word(State::ready), "ready") == 0);
  CHECK(std::strcmp(to_word(State::late), "late") == 0);
  CHECK(std::strcmp(to_word(State::lost), "lost") == 0);
  CHECK(std::strcmp(to_word(State::error), "error") == 0);
}
