// Max's C interface: outlets, console, clocks, queue, signals, transport.

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>

#include "world.h"

#include "ext_itm.h"

using namespace maxhost;

namespace {

void say(char kind, const char* format, va_list arguments) {
  char text[2048];
  std::vsnprintf(text, sizeof text, format, arguments);
  const std::lock_guard lock(world().boxes_mutex);
  world().trespasses += role == Role::audio ? 1 : 0;
  world().console.push_back({kind, text});
}

constexpr double ticks_per_quarter = 480.0;

}  // namespace

void* outlet_new(void* owner, const char* type) {
  auto made = std::make_unique<outlet>();
  made->owner = static_cast<t_object*>(owner);
  made->multichannel = type && std::string_view(type) == "multichannelsignal";
  made->signal = made->multichannel || (type && std::string_view(type) == "signal");
  outlet* raw = made.get();
  const std::lock_guard lock(world().boxes_mutex);
  world().boxes[made->owner].outlets.push_back(std::move(made));
  return raw;
}

void* outlet_anything(t_outlet* from, t_symbol* selector, short count, t_atom* atoms) {
  std::string text = selector->s_name;
  if (count > 0) {
    text += ' ' + to_text(atoms, count);
  }
  const std::lock_guard lock(world().boxes_mutex);
  world().trespasses += role == Role::main || role == Role::scheduler ? 0 : 1;
  world().boxes[from->owner].heard.push_back(text);
  return nullptr;
}

void object_post(t_object*, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  say('p', format, arguments);
  va_end(arguments);
}

void object_warn(t_object*, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  say('w', format, arguments);
  va_end(arguments);
}

void object_error(t_object*, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  say('e', format, arguments);
  va_end(arguments);
}

int snprintf_zero(char* text, size_t size, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int written = std::vsnprintf(text, size, format, arguments);
  va_end(arguments);
  return written;
}

short systhread_ismainthread(void) { return role == Role::main; }

void quittask_install(method task, void* argument) {
  world().quit_tasks.emplace_back(task, argument);
}

t_clock* clock_new(void* owner, method task) {
  auto* clock = new t_clock{owner, task, false, {}};
  const std::lock_guard lock(world().scheduler_mutex);
  world().clocks.insert(clock);
  return clock;
}

void clock_delay(t_clock* clock, long milliseconds) {
  const std::lock_guard lock(world().scheduler_mutex);
  clock->due = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
  clock->armed = true;
}

void* qelem_new(void* owner, method task) { return new t_qelem{owner, task, false}; }

void qelem_set(t_qelem* qelem) {
  {
    const std::lock_guard lock(world().queue_mutex);
    if (qelem->set) {
      return;
    }
    qelem->set = true;
    world().queue.push_back(qelem);
  }
  world().queue_wake.notify_one();
}

void qelem_free(t_qelem* qelem) {
  {
    const std::lock_guard lock(world().queue_mutex);
    std::erase(world().queue, qelem);
  }
  delete qelem;
}

void class_dspinit(t_class* c) {
  for (const char* name : names_of_msp) {
    c->methods[name] = {nullptr, A_CANT};
  }
}

void z_dsp_setup(t_pxobject* x, long signal_inlets) { x->z_in = signal_inlets; }

void z_dsp_free(t_pxobject* x) {
  const std::lock_guard lock(world().chain_mutex);
  std::erase_if(world().chain, [&](const ChainItem& item) { return item.object == &x->z_ob; });
}

void dsp_add64(t_object*, t_object* x, t_perfroutine64 perform, long, void* user) {
  world().building->push_back({x, perform, user, 0});
}

t_dspchain* dspchain_fromobject(t_object*) {
  return world().on ? reinterpret_cast<t_dspchain*>(&world()) : nullptr;
}

void dspchain_setbroken(t_dspchain*) {
  const std::lock_guard lock(world().boxes_mutex);
  world().trespasses += role == Role::main ? 0 : 1;
  world().broken = true;
}

float sys_getsr(void) { return static_cast<float>(world().sample_rate.load()); }
int sys_getmaxblksize(void) { return static_cast<int>(world().max_vector.load()); }

void* itm_getglobal(void) { return &world().transport; }

long itm_getstate(t_itm*) {
  const std::lock_guard lock(world().transport_mutex);
  return world().transport.running;
}

double itm_getticks(t_itm*) {
  const std::lock_guard lock(world().transport_mutex);
  return world().transport.ticks;
}

double itm_gettempo(t_itm*) {
  const std::lock_guard lock(world().transport_mutex);
  return world().transport.tempo;
}

double itm_getresolution(void) { return ticks_per_quarter; }

void itm_gettimesignature(t_itm*, long* beats, long* unit) {
  const std::lock_guard lock(world().transport_mutex);
  *beats = world().transport.beats_per_bar;
  *unit = world().transport.beat_unit;
}

void itm_tickstobarbeatunits(t_itm*, double ticks, long* bars, long* beats, double* units, char) {
  const std::lock_guard lock(world().transport_mutex);
  const double per_beat = ticks_per_quarter * 4.0 / static_cast<double>(world().transport.beat_unit);
  const auto whole = static_cast<long>(std::floor(ticks / per_beat));
  *bars = whole / world().transport.beats_per_bar + 1;
  *beats = whole % world().transport.beats_per_bar + 1;
  *units = ticks - static_cast<double>(whole) * per_beat;
}
