#include "host/instrument.h"

#include <cmath>
#include <set>

#include "host/backends.h"
#include "host/doctor.h"

namespace sideman {

namespace {

// Never destroyed: hosts that quit may still free objects while static objects go.
std::set<Instrument*>& living() {
  static auto& instruments = *new std::set<Instrument*>;
  return instruments;
}

// What counts beats; -1, which nobody accepts, for what is none.
int whole(double value) {
  return value == std::round(value) && std::abs(value) < 1e6 ? static_cast<int>(value) : -1;
}

}  // namespace

Instrument::Instrument(Settings settings, BackendFactory factory, HostDoor door)
    : door_(std::move(door)),
      factory_(std::move(factory)),
      engine_(std::make_unique<Engine>(std::move(settings), factory_)),
      studio_(door_.sounds, gate_) {
  living().insert(this);
}

Instrument::~Instrument() { living().erase(this); }

void Instrument::prepare(double sample_rate, int max_vector) {
  // Hosts announce the same format at every edit of the patch; the music goes on then.
  if (!engine_ || (sample_rate == sample_rate_ && max_vector == max_vector_)) {
    return;
  }
  if (sample_rate != sample_rate_) studio_.end_tape();
  if (complain(engine_->prepare(sample_rate, max_vector))) {
    sample_rate_ = sample_rate;
    max_vector_ = max_vector;
  }
}

void Instrument::handle(std::string_view selector, std::span<const Atom> atoms) {
  if (!engine_) {
    return;
  }
  if (const Command* known = find_command(selector)) {
    command(*known, atoms);
  } else if (find_setting(selector)) {
    set(selector, atoms);
  } else {
    door_.print({Loudness::error, unknown_name("message", selector, message_names())});
  }
}

bool Instrument::set(std::string_view name, std::span<const Atom> values) {
  return engine_ && complain(engine_->set(name, values));
}

Settings Instrument::settings() const { return engine_ ? engine_->settings() : last_settings_; }

void Instrument::transport(bool running, double bpm, double beat, int beats_per_bar) {
  if (engine_) {
    engine_->transport(running, bpm, beat, beats_per_bar);
  }
}

void Instrument::tick() {
  if (!engine_) {
    return;
  }
  if (!started_) {
    started_ = true;
    engine_->load();
  }
  feel_pulse();
  while (engine_) {
    const std::optional<Event> event = engine_->poll();
    if (!event) {
      break;
    }
    hear(*event);
  }
  complain(studio_.tick(door_.speak));
}

void Instrument::feel_pulse() {
  const Pulse::Moment now = Pulse::Moment::clock::now();
  const double vector_seconds = sample_rate_ > 0.0 ? max_vector_ / sample_rate_ : 0.0;
  const Pulse::Stop stop = pulse_.feel(engine_->seconds(), now, vector_seconds);
  engine_->stands_still(pulse_.stopped_for(now), pulse_.lost());
  switch (stop) {
    case Pulse::Stop::none:
      break;
    case Pulse::Stop::brief:
      engine_->paused();
      break;
    case Pulse::Stop::lasting:
      engine_->stopped();
      break;
  }
}

bool Instrument::settle(double timeout_ms) {
  return engine_ && engine_->wait_idle(timeout_ms);
}

void Instrument::quit() {
  if (!engine_) {
    return;
  }
  last_settings_ = engine_->settings();  // a host may save its patches yet
  if (!gate_.close(std::chrono::milliseconds(100))) {
    // The audio thread is stuck inside: the process ends anyway, so it keeps what it uses.
    static_cast<void>(engine_.release());
  }
  engine_.reset();
  studio_.leave();
}

void Instrument::command(const Command& command, std::span<const Atom> atoms) {
  switch (command.kind) {
    case CommandKind::load:
      complain(load(atoms));
      break;
    case CommandKind::reset:
      engine_->reset();
      break;
    case CommandKind::window:
      complain(window(atoms));
      break;
    case CommandKind::tempo:
    case CommandKind::beat:
    case CommandKind::meter:
      complain(clock(command, atoms));
      break;
    case CommandKind::record:
      complain(record(atoms));
      break;
    case CommandKind::render:
      complain(render(atoms));
      break;
    case CommandKind::info:
      info();
      break;
    case CommandKind::doctor:
      doctor();
      break;
    case CommandKind::bench:
      bench();
      break;
  }
}

Status Instrument::load(std::span<const Atom> atoms) {
  const Settings before = engine_->settings();
  if (!atoms.empty()) {
    if (Status status = engine_->set("model", atoms); !status.ok()) {
      return status;
    }
  }
  // Another model is loaded by its setting where one was before.
  if (!started_ || engine_->settings() == before) engine_->load();
  started_ = true;
  return {};
}

Status Instrument::window(std::span<const Atom> atoms) {
  const std::optional<double> r = atoms.size() == 2 ? to_number(atoms[0]) : std::nullopt;
  const std::optional<double> w = atoms.size() == 2 ? to_number(atoms[1]) : std::nullopt;
  if (!r || !w) {
    return Status::invalid("window takes two numbers: write `window r w`, for instance "
                           "`window 0.25 1`");
  }
  return engine_->window(*r, *w);
}

Status Instrument::clock(const Command& command, std::span<const Atom> atoms) {
  const bool beat = command.kind == CommandKind::beat;
  std::optional<double> value;
  if (atoms.empty() && beat) value = 0.0;
  if (atoms.size() == 1) value = to_number(atoms.front());
  if (!value) {
    const std::string name(command.name);
    return Status::invalid(name + (atoms.empty() ? " says nothing" : " takes a number") +
                           ": write `" + name + " " + std::string(command.arguments) + "`");
  }
  switch (command.kind) {
    case CommandKind::tempo:
      return engine_->tempo(*value);
    case CommandKind::beat:
      return engine_->beat(whole(*value));
    default:
      return engine_->meter(whole(*value));
  }
}

Status Instrument::record(std::span<const Atom> atoms) {
  return studio_.record(atoms, engine_->settings().parts.size(), sample_rate_);
}

Status Instrument::render(std::span<const Atom> atoms) {
  const EngineInfo info = engine_->info();
  if (!atoms.empty() && (info.state == State::loading || info.model.name.empty())) {
    return Status::invalid(std::string("render: ") +
                           (info.state == State::loading ? "a model is being opened"
                                                         : "no model is open") +
                           "; wait for `status ready`");
  }
  RenderOrder order;
  order.settings = engine_->settings();
  order.factory = factory_;
  // As the live object plays now, also where it chose for itself.
  order.settings.hop = info.grid.hop_frames;
  order.settings.lead = info.grid.lead_frames;
  order.settings.mute = false;  // is for the stage
  if (info.clock_source == ClockSource::hand) {
    order.bpm = info.clock_bpm;
    order.beats_per_bar = info.beats_per_bar;
  }
  return studio_.render(atoms, std::move(order));
}

void Instrument::info() {
  speak_all(info_messages(engine_->info(), engine_->stats(), engine_->settings(), sample_rate_));
}

void Instrument::doctor() {
  const std::vector<Check> checks = run_doctor(engine_->info(), engine_->settings());
  for (const Line& line : doctor_lines(checks)) {
    door_.print(line);
  }
  speak_all(doctor_messages(checks));
}

void Instrument::bench() {
  benching_ = true;
  measuring_ = engine_->info().state == State::loading;
  opened_ = false;
  started_ = true;
  engine_->load();
}

void Instrument::hear(const Event& event) {
  const bool status = event.kind == Event::Kind::status;
  measuring_ = measuring_ || (benching_ && status && event.state == State::loading);
  // Where it fails the model before may play on: `ready` alone says nothing of the one that came.
  opened_ = opened_ || (event.kind == Event::Kind::progress && event.value >= 1.0);
  const bool ended = measuring_ && status &&
                     (event.state == State::ready || event.state == State::error);
  const bool measured = ended && opened_ && event.state == State::ready;
  // Before anybody hears of it: a patch may answer by `bench`.
  if (ended) benching_ = measuring_ = false;
  for (const Line& line : lines_of(event)) {
    door_.print(line);
  }
  speak_all(messages_of(event, sample_rate_));
  if (measured && engine_) speak_all(bench_messages(engine_->info()));
  const Message no_figures{"bench", {std::string("failed")}};
  if (ended && !measured) door_.speak(no_figures);
}

void Instrument::speak_all(const std::vector<Message>& messages) {
  for (const Message& message : messages) {
    door_.speak(message);
  }
}

bool Instrument::complain(const Status& status) {
  if (!status.ok()) {
    door_.print({Loudness::error, status.sentence});
  }
  return status.ok();
}

void quit_all() {
  for (Instrument* instrument : living()) {
    instrument->quit();
  }
  stop_backends(1000);
}

}  // namespace sideman
