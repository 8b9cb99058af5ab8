//! The button is pressed and the power cycled while the agent is dead. Nothing but the controller's count tells of it, and
//! still an officer has to clear the robot and a person has to let its work go on.

use super::give;
use anyhow::{Result, ensure};
use shared::time::Millis;
use tests::clock::{now, until};
use tests::process::{Part, Site};

const R1: &str = "r-1";

#[test]
fn a_press_and_a_power_cycle_while_the_agent_is_dead_need_an_officer_and_a_person() -> Result<()> {
    let mut site = Site::start(&[R1])?;
    site.begin_shift(R1)?;
    give(&site.rest(), R1, "inspection", "far")?;
    site.wait_until_moving(R1, now())?;
    press_and_cycle_the_power_without_the_agent(&mut site)?;
    let off = now();

    site.spawn(Part::Agent(R1))?;
    site.press(R1)?;
    site.release(R1)?;
    site.reset(R1)?;
    waits_for_an_officer(&site)?;
    let (code, said) = site.clear_typing(R1, "r-2\n")?;
    ensure!(code != 0 && said.contains("that is not r-1; nothing was sent"), "{code}: {said}");
    ensure!(site.clear_typing(R1, "")?.0 != 0, "cleared although nobody typed anything");
    waits_for_an_officer(&site)?;
    site.cut(R1)?;
    let (code, said) = site.clear_at_the_robot(R1)?;
    ensure!(code == 0, "{said}");
    site.panel(R1).wait_for_phase("energised", Millis::secs(10))?;
    let (code, said) = site.clear_at_the_robot(R1)?;
    ensure!(code != 0 && said.contains("no clearance is due"), "{code}: {said}");
    site.restore(R1)?;
    let waits = || (site.rest().robot(R1)["awaits_person"] == true).then_some(());
    until("the robot says that its work waits", Millis::secs(30), waits)?;
    ensure!(!site.has_moved_since(R1, off)?, "moved although nobody let it go on");
    site.resume_if_it_waits(R1)?;
    site.wait_until_moving(R1, now())?;

    site.press(R1)?;
    site.release(R1)?;
    site.reset(R1)?;
    waits_for_an_officer(&site)?;
    let (code, said) = site.clear_typing(R1, "r-1\n")?;
    ensure!(code == 0 && said.contains("r-1 is cleared"), "{code}: {said}");
    site.panel(R1).wait_for_phase("energised", Millis::secs(10))?;
    site.resume_if_it_waits(R1)?;
    site.wait_until_done_and_equal(1, Millis::secs(60))?;
    site.finish().map(drop)
}

fn press_and_cycle_the_power_without_the_agent(site: &mut Site) -> Result<()> {
    let panel = site.panel(R1);
    site.kill(Part::Agent(R1))?;
    panel.wait_for_phase("standby", Millis::secs(5))?;
    let controller = site.controller(R1);
    let before = controller.newest()?;
    site.press(R1)?;
    site.release(R1)?;
    // A controller that is killed before the release is on disk starts with the button in.
    until("the release is kept", Millis::secs(5), || controller.first_after(before.n, "button_released"))?;
    site.kill(Part::Firmware(R1))?;
    site.spawn(Part::Firmware(R1))?;
    let status = until("the controller is back", Millis::secs(20), || panel.status().ok())?;
    ensure!(status["cause"] == "power_up", "the status tells of more than the power-up: {status}");
    Ok(())
}

/// Reset, and not armed: the agent has been heard with its challenge, and would have asked long ago.
fn waits_for_an_officer(site: &Site) -> Result<()> {
    let waits = || {
        let robot = site.rest().robot(R1);
        (robot["clearance"].is_object() && robot["interlock"]["phase"] == "released").then_some(())
    };
    until("the robot waits for an officer", Millis::secs(10), waits)?;
    ensure!(site.panel(R1).status()?["phase"] == "released", "armed without an officer");
    Ok(())
}
