//! What a learner did, acknowledged by a box in a virtual machine.

use system_tests::vm::Vm;
use system_tests::world::http::Request;
use system_tests::world::{Tool, statement};
use uuid::Uuid;

/// A statement that a tool has stored, for which it was told 204.
pub(crate) struct Stored {
    tool: Tool,
    /// The statement's.
    pub(crate) id: Uuid,
}

impl Stored {
    /// Makes a credential with the shell inside and stores a statement over HTTP.
    pub(crate) fn on(vm: &mut Vm<'_>) -> Self {
        vm.wait_for_page();
        let said = vm.shell("school-box records credential tablet --data /data --json");
        let said: serde_json::Value = serde_json::from_str(&said).unwrap();
        let word = |name: &str| said[name].as_str().unwrap().to_owned();
        let tool = Tool {
            username: word("username"),
            password: word("password"),
        };
        let id = Uuid::from_u128(0x5c_0001);
        let target = format!("/xapi/statements?statementId={id}");
        let put = Request::xapi("PUT", &target, &tool, &statement(id)).host("school.internal");
        let _ = vm.send(&put).expect(204);
        Self { tool, id }
    }

    /// How the box answers who asks for statement `id`.
    pub(crate) fn asked(&self, vm: &Vm<'_>, id: Uuid) -> u16 {
        let target = format!("/xapi/statements?statementId={id}");
        let get = Request::xapi_get(&target, &self.tool).host("school.internal");
        vm.send(&get).status
    }
}
