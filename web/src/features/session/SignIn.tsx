/** Opens the session with the token of the link; the token does not stay in the address. */
import { Center, Loader, Text } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { inWords } from "@/api/problem";
import { useSignIn } from "@/api/session";
import { SignedOut } from "@/ui/SignedOut";
import { Later } from "@/ui/States";

export function SignIn() {
  const search = useSearch({ from: "/sign-in" });
  const [token] = useState(search.token);
  const navigate = useNavigate();
  const { mutate, error } = useSignIn();
  // The token works once: the development mode of React must not use it twice.
  const used = useRef<string | null>(null);

  useEffect(() => {
    if (token === undefined || used.current === token) return;
    used.current = token;
    window.history.replaceState(window.history.state, "", "/sign-in");
    mutate(token, { onSuccess: () => void navigate({ to: "/broadcasts", replace: true }) });
  }, [token, mutate, navigate]);

  if (error !== null) return <SignedOut reason={inWords(error)} />;
  if (token === undefined) return <SignedOut />;
  return (
    <Center mih="100dvh">
      <Later>
        <Loader aria-hidden />
        <Text role="status">Signing in</Text>
      </Later>
    </Center>
  );
}
