//! A person's browser: a real Chromium without a window, told what to do as the W3C's WebDriver protocol has it.
//!
//! What a person cannot do it refuses too: an element that is hidden, or covered by another, is not clicked.
//!
//! Leaves to others: starting the program and carrying requests to it (`driver`).

mod driver;

use crate::clock::until;
use anyhow::{Context, Result};
use driver::Driver;
use serde_json::{Value, json};
use shared::time::Millis;
use std::path::Path;

/// How long a page may take to show something, on a busy machine.
const SHOWS_WITHIN: Millis = Millis::secs(30);
/// The name under which the protocol hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser with one page. Drop ends all its processes.
pub struct Browser {
    driver: Driver,
}

/// Something on the page. It may be gone when the page is drawn anew; using it is an error then.
pub struct Element<'b> {
    browser: &'b Browser,
    id: String,
}

impl Browser {
    /// Opens a page in a browser that has no past.
    ///
    /// # Errors
    /// When browser or driver are not installed or do not start, or the page cannot be loaded.
    pub fn open(address: &str) -> Result<Self> {
        let browser = Self { driver: Driver::start()? };
        browser.driver.post("url", &json!({ "url": address }))?;
        Ok(browser)
    }

    /// The first element of this XPath, once there is one.
    ///
    /// # Errors
    /// When there is none within the time; what the page says is in the error.
    pub fn find(&self, xpath: &str) -> Result<Element<'_>> {
        let found = || self.look_for("elements", xpath).ok();
        until(&format!("the page has {xpath}"), SHOWS_WITHIN, found).with_context(|| self.words())
    }

    /// Everything that a person can read on the page.
    #[must_use]
    pub fn words(&self) -> String {
        self.run("return document.body.innerText").map_or_else(|e| format!("{e:#}"), |words| text_of(&words))
    }

    /// Runs a script in the page; what it returns.
    ///
    /// # Errors
    /// When it throws.
    pub fn run(&self, script: &str) -> Result<Value> {
        self.driver.post("execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// What the page looks like, as a PNG.
    ///
    /// # Errors
    /// When the browser or the disk fail.
    pub fn picture(&self, path: &Path) -> Result<()> {
        self.driver.picture(path)
    }

    fn look_for(&self, what: &str, xpath: &str) -> Result<Element<'_>> {
        let found = self.driver.post(what, &json!({ "using": "xpath", "value": xpath }))?;
        let id = found[0][ELEMENT].as_str().with_context(|| format!("there is no {xpath}"))?;
        Ok(Element { browser: self, id: id.to_owned() })
    }
}

impl<'b> Element<'b> {
    /// The first element of this XPath below this one, once there is one. The path begins with a dot.
    ///
    /// # Errors
    /// When there is none within the time.
    pub fn find(&self, xpath: &str) -> Result<Element<'b>> {
        let place = format!("element/{}/elements", self.id);
        let found = || self.browser.look_for(&place, xpath).ok();
        until(&format!("the page has {xpath}"), SHOWS_WITHIN, found).with_context(|| self.browser.words())
    }

    /// Clicks in its middle.
    ///
    /// # Errors
    /// When a person could not.
    pub fn click(&self) -> Result<()> {
        self.tell("click", &json!({})).map(drop)
    }

    /// Types, after what is there.
    ///
    /// # Errors
    /// When a person could not.
    pub fn types(&self, text: &str) -> Result<()> {
        self.tell("value", &json!({ "text": text })).map(drop)
    }

    /// Empties a field, and types.
    ///
    /// # Errors
    /// When a person could not.
    pub fn types_anew(&self, text: &str) -> Result<()> {
        self.tell("clear", &json!({}))?;
        self.types(text)
    }

    /// The words that a person sees in it.
    ///
    /// # Errors
    /// When it is gone.
    pub fn words(&self) -> Result<String> {
        Ok(text_of(&self.browser.driver.get(&format!("element/{}/text", self.id))?))
    }

    /// A property: `value` of a field, `checked` of a box.
    ///
    /// # Errors
    /// When it is gone.
    pub fn property(&self, name: &str) -> Result<Value> {
        self.browser.driver.get(&format!("element/{}/property/{name}", self.id))
    }

    /// How it is drawn: a property of its style, computed.
    ///
    /// # Errors
    /// When it is gone.
    pub fn style(&self, name: &str) -> Result<String> {
        Ok(text_of(&self.browser.driver.get(&format!("element/{}/css/{name}", self.id))?))
    }

    fn tell(&self, what: &str, body: &Value) -> Result<Value> {
        self.browser.driver.post(&format!("element/{}/{what}", self.id), body)
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
