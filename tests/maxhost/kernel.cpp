#include "kernel.h"

#include <algorithm>
#include <future>
#include <utility>

#include "chain.h"
#include "threads.h"

namespace maxhost {

namespace {

using Clock = std::chrono::steady_clock;

std::unique_ptr<Threads> threads;

}  // namespace

Kernel::Kernel() {
  role = Role::main;
  if (!world().box_class) {
    ext_main(nullptr);
  }
  world().in_audio_interrupt = false;
  world().console.clear();
  world().trespasses = 0;
  world().transport = {};
  threads = std::make_unique<Threads>();
}

Kernel::~Kernel() {
  threads.reset();
  world().chain.clear();
  world().on = false;
}

// ---- patching ----

t_object* Kernel::create(std::string_view arguments) {
  std::vector<t_atom> atoms = parse(arguments);
  auto* made = as<void*(t_symbol*, long, t_atom*)>(world().box_class->make)(
      gensym("sideman~"), static_cast<long>(atoms.size()), atoms.data());
  if (world().on) {
    dsp_on(world().sample_rate, world().max_vector);
  }
  return static_cast<t_object*>(made);
}

void Kernel::destroy(t_object* object) {
  object_free(object);
  if (world().on) {
    dsp_on(world().sample_rate, world().max_vector);
  }
}

void Kernel::cord(t_object* object, size_t inlet, long channels) {
  {
    const std::lock_guard lock(world().boxes_mutex);
    world().boxes.at(object).cords[inlet] = channels;
  }
  if (world().on) dsp_on(world().sample_rate, world().max_vector);
}

void Kernel::send(t_object* object, std::string_view message) { deliver(object, message); }

void Kernel::send_from_scheduler(t_object* object, std::string_view message) {
  std::promise<void> done;
  {
    const std::lock_guard lock(world().scheduler_mutex);
    world().letters.push_back([&] {
      deliver(object, message);
      done.set_value();
    });
  }
  done.get_future().wait();
}

void Kernel::send_from_audio(t_object* object, std::string_view message) {
  threads->audio.call([&] { deliver(object, message); });
}

std::string Kernel::get(t_object* object, std::string_view attribute) {
  return read_attribute(object, std::string(attribute));
}

std::string Kernel::get_from_scheduler(t_object* object, std::string_view attribute) {
  std::promise<std::string> answer;
  {
    const std::lock_guard lock(world().scheduler_mutex);
    world().letters.push_back(
        [&] { answer.set_value(read_attribute(object, std::string(attribute))); });
  }
  return answer.get_future().get();
}

std::string Kernel::assist(t_object* object, long direction, long index) {
  char text[ASSIST_MAX_STRING_LEN] = "";
  as<void(t_object*, void*, long, long, char*)>(world().box_class->methods["assist"].function)(
      object, nullptr, direction, index, text);
  return text;
}

std::vector<AttributeView> Kernel::attributes() const {
  std::vector<AttributeView> views;
  for (const auto& attribute : world().box_class->attributes) {
    views.push_back(attribute->view);
  }
  return views;
}

std::vector<std::string> Kernel::methods() const {
  std::vector<std::string> names;
  for (const auto& [name, one] : world().box_class->methods) {
    names.push_back(name);
  }
  return names;
}

int Kernel::signal_outlets(t_object* object) const { return static_cast<int>(outlets_of(object)); }
int Kernel::channels(t_object* object) const {
  const std::lock_guard lock(world().chain_mutex);
  for (const ChainItem& item : world().chain) {
    if (item.object == object) return static_cast<int>(item.outs);
  }
  return 0;
}
int Kernel::signal_inlets(t_object* object) const { return static_cast<int>(inlets_of(object)); }

// ---- time ----

void Kernel::serve(std::chrono::milliseconds time) {
  serve_until([] { return false; }, time);
}

bool Kernel::serve_until(const std::function<bool()>& done, std::chrono::milliseconds patience) {
  const auto until = Clock::now() + patience;
  while (!done()) {
    if (world().broken.exchange(false) && world().on) {
      dsp_on(world().sample_rate, world().max_vector);
    }
    t_qelem* next = nullptr;
    {
      std::unique_lock lock(world().queue_mutex);
      if (!world().queue_wake.wait_until(lock, std::min(until, Clock::now() + std::chrono::milliseconds(5)),
                                         [] { return !world().queue.empty(); })) {
        if (Clock::now() >= until) {
          return false;
        }
        continue;
      }
      next = world().queue.front();
      world().queue.pop_front();
      next->set = false;
    }
    as<void(void*)>(next->task)(next->owner);
    if (Clock::now() >= until) {
      return done();
    }
  }
  return true;
}

void Kernel::quit() {
  for (const auto& [task, argument] : world().quit_tasks) {
    as<void(void*)>(task)(argument);
  }
}

// ---- what the object said ----

std::vector<std::string> Kernel::messages(t_object* object) const {
  const std::lock_guard lock(world().boxes_mutex);
  return world().boxes.at(object).heard;
}

bool Kernel::said(t_object* object, std::string_view message) const {
  const std::vector<std::string> heard = messages(object);
  return std::find(heard.begin(), heard.end(), message) != heard.end();
}

std::vector<ConsoleLine> Kernel::console() const {
  const std::lock_guard lock(world().boxes_mutex);
  return world().console;
}

int Kernel::touched(t_object* object, std::string_view attribute) const {
  const std::lock_guard lock(world().boxes_mutex);
  return world().boxes.at(object).touched[std::string(attribute)];
}

int Kernel::trespasses() const {
  const std::lock_guard lock(world().boxes_mutex);
  return world().trespasses;
}

// ---- sound ----

void Kernel::scheduler_in_audio_interrupt(bool on) { world().in_audio_interrupt = on; }

void Kernel::set_transport(const Transport& transport) {
  const std::lock_guard lock(world().transport_mutex);
  world().transport = transport;
}

void Kernel::dsp_on(double sample_rate, long max_vector) {
  world().sample_rate = sample_rate;
  world().max_vector = max_vector;
  std::vector<t_object*> objects;
  {
    const std::lock_guard lock(world().boxes_mutex);
    for (const auto& [object, box] : world().boxes) {
      objects.push_back(object);
    }
  }
  std::vector<ChainItem> fresh;
  world().building = &fresh;
  for (t_object* object : objects) {
    short count[64] = {1, 1};
    const long channels = count_channels(object);
    as<void(t_object*, t_object*, short*, double, long, long)>(
        world().box_class->methods["dsp64"].function)(object, nullptr, count, sample_rate,
                                                      max_vector, 0);
    fresh.back().outs = channels;
  }
  const std::lock_guard lock(world().chain_mutex);
  world().chain.swap(fresh);
  world().on = true;
}

void Kernel::dsp_off() {
  const std::lock_guard lock(world().chain_mutex);
  world().chain.clear();
  world().on = false;
}

std::vector<Signal> Kernel::play(t_object* object, const Signal& in,
                                 const std::vector<long>& vectors,
                                 const std::function<void()>& between, long between_samples,
                                 const Signal& sketch) {
  std::vector<Signal> heard(static_cast<size_t>(channels(object)));
  size_t position = 0, next = 0;
  const auto play_some = [&] {
    const std::lock_guard lock(world().chain_mutex);
    const auto item = std::find_if(world().chain.begin(), world().chain.end(),
                                   [&](const ChainItem& one) { return one.object == object; });
    const size_t stop = position + static_cast<size_t>(between_samples);
    while (item != world().chain.end() && position < std::min(stop, in.size())) {
      const auto wanted = static_cast<size_t>(vectors[next++ % vectors.size()]);
      const size_t samples = std::min(wanted, in.size() - position);
      std::vector<Signal> buffers = buffers_of(*item, samples);
      const auto from = static_cast<std::ptrdiff_t>(position);
      std::copy_n(in.begin() + from, samples, buffers[0].begin());
      const auto second = static_cast<size_t>(channels_into(object, 0));
      if (!sketch.empty()) std::copy_n(sketch.begin() + from, samples, buffers[second].begin());
      perform(*item, buffers, static_cast<long>(samples));
      heard.resize(std::max(heard.size(), static_cast<size_t>(item->outs)));
      for (size_t out = 0; out < heard.size(); ++out) {
        heard[out].resize(position);
        if (out < static_cast<size_t>(item->outs)) {
          heard[out].insert(heard[out].end(), buffers[out].begin(), buffers[out].end());
        }
      }
      position += samples;
    }
  };
  while (position < in.size() && world().on) {
    threads->audio.call(play_some);
    if (between) {
      between();
    }
  }
  for (Signal& channel : heard) channel.resize(position);
  return heard;
}

void Kernel::free_run(long vector, double speed) {
  const std::lock_guard lock(threads->audio.mutex);
  threads->audio.free_vector = vector;
  threads->audio.free_speed = speed;
}

void Kernel::halt() {
  free_run(0, 1.0);
  threads->audio.call([] {});
}

int64_t Kernel::vectors_played() const { return threads->audio.vectors; }

}  // namespace maxhost
