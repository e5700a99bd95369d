/** Logging in with an API key. */

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useAct } from "../api/act";
import { useDoor } from "../api/session";
import { Trouble } from "../part/Trouble";

export function Login() {
  const { enter } = useDoor();
  const [key, setKey] = useState("");
  const act = useAct();
  return (
    <main className="login">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (key.trim()) void act.run(() => enter(key.trim()));
        }}
      >
        <SpaceBetween size="l">
          <Container header={<Header variant="h1">mediajobs</Header>}>
            <SpaceBetween size="m">
              <FormField
                label="API key"
                description="It stays in this tab and is forgotten when the tab is closed."
                constraintText="On the local stack, make up has written one into .mediajobs/local.json."
              >
                <Input
                  type="password"
                  autoComplete={false}
                  autoFocus
                  name="key"
                  value={key}
                  onChange={({ detail }) => setKey(detail.value)}
                />
              </FormField>
              <Box float="right">
                <Button variant="primary" formAction="submit" loading={act.isBusy} disabled={!key.trim()}>
                  Log in
                </Button>
              </Box>
            </SpaceBetween>
          </Container>
          <Trouble error={act.error} />
        </SpaceBetween>
      </form>
    </main>
  );
}
