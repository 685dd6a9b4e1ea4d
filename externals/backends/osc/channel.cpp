#include "backends/osc/channel.h"

#include <algorithm>

namespace sideman::osc {

std::optional<Bytes> Channel::receive(Bytes datagram, double now) {
  const auto opened = envelope_.unwrap(opened_, datagram);
  const auto message = opened ? Reader::of(*opened) : std::nullopt;
  if (!message) {
    ++counts_.refused;
    return std::nullopt;
  }
  ++counts_.received;
  heard_ = now;
  if (const auto fragment = read_fragment(*message)) {
    take_fragment(*fragment, now);
    return std::nullopt;
  }
  if (const auto got = read_got(*message)) {
    outbox_.got(*got, now, trip_);
    return std::nullopt;
  }
  if (take_ping(*message, now)) return std::nullopt;
  return opened;
}

Bytes Channel::next(Place place, double now) {
  std::array<uint8_t, message_bytes> message;
  if (pong_due_) {
    pong_due_ = false;
    return wrap(place,
                Writer(message, "/sideman/pong", "dd").float64(pong_[0]).float64(pong_[1]).done());
  }
  if (const Bytes report = report_due(message, now); !report.empty()) return wrap(place, report);
  if (const auto fragment = outbox_.next(now, trip_)) {
    // A ping right behind a body learns of the queue that the body makes on the way.
    if (fragment->number + 1 == fragment_count(fragment->bytes)) next_ping_ = now;
    return wrap(place, write_fragment(message, *fragment));
  }
  if (now >= next_ping_) {
    next_ping_ = now + (trip_.known() ? ping_seconds : first_ping_seconds);
    return wrap(place, Writer(message, "/sideman/ping", "d").float64(now).done());
  }
  return {};
}

double Channel::next_due(double now) const {
  if (pong_due_) return now;
  double due = std::min(next_ping_, outbox_.next_due(now));
  for (const Report& report : reports_) {
    if (report.hop >= 0) due = std::min(due, report.due);
  }
  return std::max(due, now);
}

bool Channel::take_ping(Reader message, double now) {
  if (message.address() == "/sideman/ping" && message.tags() == "d") {
    const double asked = message.float64();
    if (!message.complete()) return false;
    pong_ = {asked, now};
    pong_due_ = true;
    return true;
  }
  if (message.address() == "/sideman/pong" && message.tags() == "dd") {
    const double asked = message.float64();
    const double there = message.float64();
    if (!message.complete()) return false;
    trip_.measured(asked, now, there);
    return true;
  }
  return false;
}

void Channel::take_fragment(const Fragment& fragment, double now) {
  switch (inbox_.take(fragment)) {
    case Inbox::Taken::stored: {
      const bool last = fragment.number + 1 == fragment_count(fragment.bytes);
      report(fragment.hop, last ? now : now + report_seconds);
      break;
    }
    case Inbox::Taken::complete:
      ++counts_.bodies;
      report(fragment.hop, now);
      break;
    case Inbox::Taken::repeated:  // our report was lost, or is under way
      ++counts_.repeated;
      report(fragment.hop, now + report_seconds);
      break;
    case Inbox::Taken::damaged:
      ++counts_.damaged;
      break;
    case Inbox::Taken::refused:
      ++counts_.refused;
      break;
  }
}

void Channel::report(int64_t hop, double due) {
  Report* place = &reports_[0];
  for (Report& one : reports_) {
    if (one.hop == hop) {
      one.due = std::min(one.due, due);
      return;
    }
    if (one.hop < 0 || (place->hop >= 0 && one.due < place->due)) place = &one;
  }
  *place = {hop, due};
}

Bytes Channel::report_due(Place place, double now) {
  for (Report& one : reports_) {
    if (one.hop < 0 || one.due > now) continue;
    const auto got = inbox_.got(one.hop);
    one.hop = -1;
    if (!got) continue;
    if (const Bytes written = write_got(place, *got); !written.empty()) return written;
  }
  return {};
}

}  // namespace sideman::osc
