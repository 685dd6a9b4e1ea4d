#pragma once
// The object as Max sees it, and what its files share. Max's threads:
//   main       everything that touches the Instrument, through the qelem; free, dsp64, quit
//   scheduler  messages and the clock: they only leave letters in the mailbox and set the qelem
//   audio      perform64; with "Scheduler in Audio Interrupt" it is the scheduler thread as well

#include <array>
#include <memory>
#include <mutex>

#include "max/max_api.h"

#include "z_dsp.h"

#include "host/instrument.h"
#include "max/buffers.h"
#include "max/inlet.h"
#include "max/mailbox.h"

namespace sideman {

struct MaxBody {
  std::unique_ptr<MaxBuffers> buffers;  // outlives the instrument
  std::unique_ptr<Instrument> instrument;
  Mailbox mailbox;
  t_object* clock = nullptr;
  t_qelem* qelem = nullptr;
  t_outlet* messages = nullptr;
  int outlets = 0;  // of signals
  bool multichannel = false;
  int channels = 0;  // of the multichannel outlet, as the signal chain was last told
  bool transport_ran = false;
  std::array<Inlet, heard_channels> inlets;

  // What the attributes show, for getters on any thread; the lock is held to copy a pointer.
  std::shared_ptr<const Settings> shown() const {
    const std::lock_guard lock(shown_mutex);
    return shown_settings;
  }
  void show(const Settings& settings) {
    auto fresh = std::make_shared<const Settings>(settings);
    const std::lock_guard lock(shown_mutex);
    shown_settings.swap(fresh);
  }

  mutable std::mutex shown_mutex;
  std::shared_ptr<const Settings> shown_settings;
};

// What Max allocates, with zeros and no constructor.
struct MaxObject {
  t_pxobject object;
  MaxBody* body;
};

// Max takes every method as one type; the detour says that this is meant.
template <typename Function>
method as_method(Function* function) {
  return reinterpret_cast<method>(reinterpret_cast<void (*)()>(function));
}

Atoms from_max(long count, const t_atom* atoms);
void to_max(const Atom& atom, t_atom* out);
void print(MaxObject* x, const Line& line);
// A setting or command on the main thread, with the attributes refreshed afterwards.
void obey(MaxObject* x, t_symbol* selector, std::span<const Atom> atoms);
// Lets the attributes show the settings as they are now.
void show_settings(MaxObject* x);
// No exception may reach Max, which is C.
void report_exception(MaxObject* x) noexcept;

template <typename Action>
void guarded(MaxObject* x, Action action) noexcept {
  try {
    action();
  } catch (...) {
    report_exception(x);
  }
}

// Registers one attribute per setting of the table.
void add_attributes(t_class* c);
// Reads Max's transport and hands it on.
void follow_transport(MaxBody& body);

}  // namespace sideman
